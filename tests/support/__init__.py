"""What the integration tests share: an emulated AWS, a proxy that records and disturbs calls, playbook runs, and
account snapshots.
"""
