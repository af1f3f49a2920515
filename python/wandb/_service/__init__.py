"""The service process: reads the journals of runs and carries them to a server."""
