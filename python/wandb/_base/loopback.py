"""Which addresses are this machine itself."""

__all__ = ("is_loopback",)


def is_loopback(host: str | None) -> bool:
    """Whether a URL's host means this machine, by name or by address."""
    if not host:
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
