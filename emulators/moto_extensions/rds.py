"""RDS: what moto lacks or gets wrong and the data layer uses."""

from __future__ import annotations

from typing import Any

from .transitions import timed_status, transition_of

SECONDS = "EMULATED_RDS_SECONDS"

VERSIONS = {
    "postgres": {
        "13": range(7, 24),
        "14": range(5, 21),
        "15": range(3, 16),
        "16": range(1, 12),
        "17": range(1, 8),
        "18": range(1, 2),
    },
    "mysql": {"8.0": range(35, 45), "8.4": range(3, 8)},
    "mariadb": {"10.6": range(14, 25), "10.11": range(6, 16), "11.4": range(3, 9)},
}
"""Versions that RDS offers (minor numbers by major version), about as they were when this was written."""

DEFERRED = {
    "allocated_storage": "AllocatedStorage",
    "backup_retention_period": "BackupRetentionPeriod",
    "db_instance_class": "DBInstanceClass",
    "db_port_number": "Port",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "multi_az": "MultiAZ",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}
"""What waits for the maintenance window unless ApplyImmediately is set, by moto's name and its name in
PendingModifiedValues.
"""


def apply() -> None:
    from moto.rds import models, responses

    timed_status(models.DBInstance, "status", SECONDS)
    _instances(models)
    _subnet_groups(models)
    _tagged_subnet_groups(models)
    _parameters(models, responses)
    responses.RDSResponse.describe_db_engine_versions = describe_db_engine_versions


def _instances(models: Any) -> None:
    backend = models.RDSBackend
    create, modify, delete, describe = (
        backend.create_db_instance,
        backend.modify_db_instance,
        backend.delete_db_instance,
        backend.describe_db_instances,
    )
    endpoint = models.DBInstance.endpoint.fget

    def create_db_instance(self: Any, db_kwargs: dict[str, Any]) -> Any:
        _purge(self)
        kwargs = {
            name: value
            for name, value in db_kwargs.items()
            if not name.startswith(("transition", "final_", "pending_"))
        }
        database = create(self, kwargs)
        _performance_insights(database, kwargs)
        return database

    def modify_db_instance(self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
        from moto.rds.exceptions import RDSClientError

        database = self.describe_db_instances(db_instance_identifier)[0]
        if database.status != "available":
            raise RDSClientError(
                "InvalidDBInstanceState", f"Database instance is not in available state: {database.status}"
            )
        values = dict(db_kwargs.items())
        if values.get("manage_master_user_password") and database.manage_master_user_password:
            del values["manage_master_user_password"]  # moto would make a second secret
        pending = dict(getattr(database, "pending_modified_values", {}))
        if values.get("apply_immediately"):
            values = {**{name: pending[shown] for name, shown in DEFERRED.items() if shown in pending}, **values}
            pending = {}
        else:
            pending.update(
                {shown: values.pop(name) for name, shown in DEFERRED.items() if values.get(name) is not None}
            )
        if values.get("db_port_number"):
            values["port"] = values.pop("db_port_number")
        modify(self, db_instance_identifier, values)
        _performance_insights(database, values)
        database.pending_modified_values = pending
        if values.get("apply_immediately"):
            transition_of(database, SECONDS).begin("modifying")
        return database

    def delete_db_instance(self: Any, db_instance_identifier: str, **options: Any) -> Any:
        _purge(self)
        database = self.databases.get(db_instance_identifier)
        if database is not None and database.status == "deleting":
            from moto.rds.exceptions import RDSClientError

            raise RDSClientError(
                "InvalidDBInstanceState", f"Instance {db_instance_identifier} is already being deleted."
            )
        deleted = delete(self, db_instance_identifier, **options)
        transition = transition_of(deleted, SECONDS)
        transition.begin("deleting")
        if transition.current:
            self.databases[db_instance_identifier] = deleted
        return deleted

    def describe_db_instances(self: Any, *arguments: Any, **settings: Any) -> Any:
        _purge(self)
        return describe(self, *arguments, **settings)

    backend.create_db_instance = create_db_instance
    backend.modify_db_instance = modify_db_instance
    backend.delete_db_instance = delete_db_instance
    backend.describe_db_instances = describe_db_instances
    # AWS tells the endpoint when the instance has come up.
    models.DBInstance.endpoint = property(lambda self: None if self.status == "creating" else endpoint(self))


def _purge(backend: Any) -> None:
    """Forget the instances whose deletion is over."""
    for name, database in list(backend.databases.items()):
        if transition_of(database, SECONDS).deleted:
            del backend.databases[name]


def _performance_insights(database: Any, values: dict[str, Any]) -> None:
    if values.get("enable_performance_insights") is not None:
        database.performance_insights_enabled = bool(values["enable_performance_insights"])
    if values.get("performance_insights_retention_period"):
        database.performance_insights_retention_period = values["performance_insights_retention_period"]
    if values.get("performance_insights_kms_key_id"):
        database.performance_insights_kms_key_id = values["performance_insights_kms_key_id"]


def _subnet_groups(models: Any) -> None:
    modify = models.RDSBackend.modify_db_subnet_group

    def modify_db_subnet_group(self: Any, subnet_name: str, description: str, subnets: list[Any]) -> Any:
        group = modify(self, subnet_name, description, subnets)
        self.subnet_groups[subnet_name] = group  # moto takes it out and forgets to put it back
        return group

    models.RDSBackend.modify_db_subnet_group = modify_db_subnet_group


def _tagged_subnet_groups(models: Any) -> None:
    """The tagging service of moto knows no subnet groups."""
    try:
        from moto.core.resource_tagging import TaggedResource
    except ImportError:  # in LocalStack's moto-ext 5.1 no backend tells the tagging service what it has
        return
    tagged = models.RDSBackend.iter_tagged_resources

    def iter_tagged_resources(self: Any) -> Any:
        yield from tagged(self)
        for group in self.subnet_groups.values():
            yield TaggedResource(
                arn=group.arn, tags={tag["Key"]: tag["Value"] for tag in group.get_tags()}, resource_type="rds:subgrp"
            )

    models.RDSBackend.iter_tagged_resources = iter_tagged_resources


def _parameters(models: Any, responses: Any) -> None:
    from moto.core.responses import ActionResult

    static = {"max_connections", "shared_buffers", "shared_preload_libraries", "rds.logical_replication"}

    def describe_db_parameters(self: Any) -> Any:
        group = self.backend.describe_db_parameter_groups(
            {"db_parameter_group_name": self.params.get("DBParameterGroupName")}
        )[0]
        shown = [
            {**parameter, "Source": "user", "ApplyType": "static" if name in static else "dynamic"}
            for name, parameter in group.parameters.items()
        ]
        if self.params.get("Source") != "user":
            shown.extend(
                {"ParameterName": name, "Source": "engine-default", "ApplyType": "static"}
                for name in sorted(static - set(group.parameters))
            )
            dynamic = ("log_min_duration_statement", "log_statement", "work_mem", "rds.force_ssl")
            shown.extend(
                {"ParameterName": name, "Source": "engine-default", "ApplyType": "dynamic"}
                for name in dynamic
                if name not in group.parameters
            )
        return ActionResult({"Parameters": shown})

    def reset_db_parameter_group(self: Any) -> Any:
        name = self.params.get("DBParameterGroupName")
        group = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})[0]
        for parameter in self.params.get("Parameters", []):
            group.parameters.pop(parameter.original_dict()["ParameterName"], None)
        return ActionResult({"DBParameterGroupName": name})

    responses.RDSResponse.describe_db_parameters = describe_db_parameters
    responses.RDSResponse.reset_db_parameter_group = reset_db_parameter_group


def describe_db_engine_versions(self: Any) -> Any:
    """The operation on moto's response class: engine and version (or major version) as filters."""
    from moto.core.responses import ActionResult

    engine, version = self.params.get("Engine"), self.params.get("EngineVersion")
    found = []
    for name, majors in VERSIONS.items():
        for major, minors in majors.items():
            for minor in minors:
                full = f"{major}.{minor}"
                if (not engine or engine == name) and (not version or version in (full, major)):
                    family = f"{name}{major}"
                    found.append(
                        {
                            "Engine": name,
                            "EngineVersion": full,
                            "MajorEngineVersion": major,
                            "DBParameterGroupFamily": family,
                            "Status": "available",
                        }
                    )
    return ActionResult({"DBEngineVersions": found})
