"""What moto lacks for RDS and ElastiCache, added to its backends, and transitions that take time.

    python emulators/moto_fixes.py -H 127.0.0.1 -p 4566      # a moto server with these and the other fixes
    PYTHONPATH=emulators python -m moto_extensions -p 4566   # with these alone
    import moto_extensions; moto_extensions.apply()          # in a process that serves moto's backends itself

Seconds that resources stay in creating, modifying or deleting come from the environment, 0 by default:
EMULATED_RDS_SECONDS, EMULATED_ELASTICACHE_SECONDS, EMULATED_NAT_GATEWAY_SECONDS. For moto 5.2 and LocalStack's moto-ext
5.1.
"""

from __future__ import annotations

_applied = False


def apply() -> None:
    """Patch moto once; a second call does nothing."""
    global _applied
    if _applied:
        return
    _applied = True
    from . import elasticache, nat_gateways, rds, secrets_manager

    for part in (elasticache, nat_gateways, rds, secrets_manager):
        part.apply()
