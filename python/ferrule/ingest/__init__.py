"""The way of logged lines into the server, and what follows from their coming."""
