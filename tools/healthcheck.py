"""Asks the portal in this container whether it is alive; exits with 1 if not. Standard library."""

from __future__ import annotations

import http.client
import os
import sys
import urllib.request


def request(environment: dict[str, str]) -> urllib.request.Request:
    """Return a request that the portal accepts: for its own name, as if it came by the proxy."""
    hosts = environment.get("ALLOWED_HOSTS", "").split(",")
    host = hosts[0].strip().lstrip(".").replace("*", "") or "localhost"
    port = environment.get("PORT") or "8000"
    return urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz/", headers={"Host": host, "X-Forwarded-Proto": "https"}
    )


def main() -> int:
    """Return 0 when the portal answers, else say why not and return 1."""
    try:
        # Straight to the portal: a proxy of the environment would ask its own loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request(dict(os.environ)), timeout=5):
            return 0
    except (OSError, http.client.HTTPException) as error:
        print(f"Health check: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
