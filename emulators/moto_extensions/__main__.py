"""moto_server with the extensions; see the package."""

from __future__ import annotations

from moto.server import main

from moto_extensions import apply

if __name__ == "__main__":
    apply()
    main()
