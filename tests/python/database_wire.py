"""A client of the kind that is in the field, driving every call of the Database service. Usage: ADDRESS."""

import sys

import grpc
from cases import Cases, check, equal
from database import database_pb2, database_pb2_grpc, mongo_pb2, redis_pb2, utils_pb2

first = Cases()
later = Cases()
DRAFT = "http://json-schema.org/draft-07/schema#"


class Client:
    """The stub, with a deadline on every call."""

    def __init__(self, address):
        self._stub = database_pb2_grpc.DatabaseServiceStub(grpc.insecure_channel(address))

    def __getattr__(self, rpc):
        method = getattr(self._stub, rpc)
        return lambda request: method(request, timeout=10)

    def trailers(self, rpc, request):
        _, call = getattr(self._stub, rpc).with_call(request, timeout=10)
        return dict(call.trailing_metadata())


def schema_of(**properties):
    return utils_pb2.JsonSchema(
        schema=DRAFT,
        type="object",
        required=sorted(properties),
        properties={
            name: utils_pb2.Properties(type=kind, extra=extra) for name, (kind, extra) in properties.items()
        },
    )


SMALL = schema_of(name=(utils_pb2.STRING, {"minLength": "1"}))
LARGE = schema_of(
    name=(utils_pb2.STRING, {"minLength": "1", "format": "email", "secret": "true"}),
    age=(utils_pb2.INTEGER, {"minimum": "0", "maximum": "9007199254740993"}),
    price=(utils_pb2.NUMBER, {"minimum": "1.0"}),
    active=(utils_pb2.BOOLEAN, {}),
)


def insert(client, name, schema, created_at="2024-05-01T10:00:00"):
    request = mongo_pb2.MongoInsertOneSchemaRequest(
        import_name=name, created_at=created_at, active_schema=schema, schemas_releases=[]
    )
    return client.MongoInsertOneSchema(request)


def find(client, name):
    return client.MongoFindJsonSchema(mongo_pb2.MongoFindJsonSchemaRequest(import_name=name))


def set_task(client, task_id, task="validation", **fields):
    value = utils_pb2.ApiResponse(**fields)
    return client.SetTaskId(database_pb2.SetTaskIdRequest(task_id=task_id, value=value, task=task))


def get_task(client, task_id, task="validation"):
    return client.GetTaskId(database_pb2.GetTaskIdRequest(task_id=task_id, task=task))


def update_task(client, task_id, field, value, task="validation", **rest):
    request = database_pb2.UpdateTaskIdRequest(task_id=task_id, field=field, value=value, task=task, **rest)
    return client.UpdateTaskId(request)


@first.case("RedisPing answers pong")
def _(client):
    equal(client.RedisPing(redis_pb2.RedisPingRequest()).pong, True)


@first.case("RedisSet and RedisGet keep a value, with and without an expiration")
def _(client):
    for key, expiration in (("py:a", {}), ("py:b", {"expiration": 60}), ("py:c", {"expiration": 0})):
        request = redis_pb2.RedisSetRequest(key=key, value="välue ✓", **expiration)
        equal(client.RedisSet(request).success, True)
        reply = client.RedisGet(redis_pb2.RedisGetRequest(key=key))
        equal((reply.found, reply.value), (True, "välue ✓"))


@first.case("RedisGet of an unknown key is found=false without a value")
def _(client):
    reply = client.RedisGet(redis_pb2.RedisGetRequest(key="py:unknown"))
    equal((reply.found, reply.HasField("value")), (False, False))


@first.case("RedisSet under a reserved or an invalid key is success=false")
def _(client):
    for key in ("cs:x", "validation:task:1", "validation:import:people:tasks", "", "k" * 513):
        equal(client.RedisSet(redis_pb2.RedisSetRequest(key=key, value="x")).success, False)


@first.case("RedisGetKeys understands globs")
def _(client):
    for key in ("py:glob:1", "py:glob:2", "py:glob:x", "py:glob:[1]"):
        client.RedisSet(redis_pb2.RedisSetRequest(key=key, value="1"))

    def keys(pattern):
        return sorted(client.RedisGetKeys(redis_pb2.RedisGetKeysRequest(pattern=pattern)).keys)

    equal(keys("py:glob:[0-9]"), ["py:glob:1", "py:glob:2"])
    equal(keys("py:glob:?"), ["py:glob:1", "py:glob:2", "py:glob:x"])
    equal(keys("py:g*:\\[*"), ["py:glob:[1]"])
    equal(keys("py:glob:1"), ["py:glob:1"])
    equal(keys("nothing*"), [])


@first.case("RedisGetCache shows entries as text")
def _(client):
    client.RedisSet(redis_pb2.RedisSetRequest(key="py:cache", value="shown"))
    cache = client.RedisGetCache(redis_pb2.RedisGetCacheRequest()).cache
    equal(cache["py:cache"], "shown")


@first.case("RedisDelete counts what was there")
def _(client):
    client.RedisSet(redis_pb2.RedisSetRequest(key="py:gone", value="1"))
    request = redis_pb2.RedisDeleteRequest(keys=["py:gone", "py:never", "cs:x"])
    equal(client.RedisDelete(request).count, 1)
    equal(client.RedisDelete(request).count, 0)


@first.case("RedisClearCache leaves no entry and every task")
def _(client):
    set_task(client, "py-kept", status="accepted", code=202)
    client.RedisSet(redis_pb2.RedisSetRequest(key="py:cleared", value="1"))
    equal(client.RedisClearCache(redis_pb2.RedisClearCacheRequest()).success, True)
    equal(dict(client.RedisGetCache(redis_pb2.RedisGetCacheRequest()).cache), {})
    equal(get_task(client, "py-kept").found, True)


@first.case("MongoInsertOneSchema answers inserted, no_change and updated")
def _(client):
    reply = insert(client, "py-people", SMALL)
    equal((reply.status, sorted(reply.result)), ("inserted", ["acknowledged", "inserted_id"]))
    equal(reply.result["acknowledged"], "true")
    reply = insert(client, "py-people", SMALL)
    equal((reply.status, sorted(reply.result)), ("no_change", ["message"]))
    reply = insert(client, "py-people", LARGE)
    equal((reply.status, sorted(reply.result)), ("updated", ["matched_count", "message", "modified_count"]))
    equal((reply.result["matched_count"], reply.result["modified_count"]), ("1", "1"))


@first.case("MongoInsertOneSchema without a name or a schema is an error in the reply")
def _(client):
    reply = insert(client, "", SMALL)
    equal((reply.status, sorted(reply.result)), ("error", ["message"]))
    reply = client.MongoInsertOneSchema(mongo_pb2.MongoInsertOneSchemaRequest(import_name="py-none"))
    equal((reply.status, sorted(reply.result)), ("error", ["message"]))


@first.case("MongoFindJsonSchema gives back what was inserted, typed extras as text")
def _(client):
    reply = find(client, "py-people")
    equal((reply.status, reply.HasField("schema")), ("found", True))
    equal(reply.schema, LARGE)


@first.case("MongoFindJsonSchema of an unknown name is not_found")
def _(client):
    reply = find(client, "py-nobody")
    equal((reply.status, reply.HasField("schema")), ("not_found", False))


@first.case("MongoCountAllDocuments counts names")
def _(client):
    before = client.MongoCountAllDocuments(mongo_pb2.MongoCountAllDocumentsRequest()).amount
    insert(client, "py-counted", SMALL)
    equal(client.MongoCountAllDocuments(mongo_pb2.MongoCountAllDocumentsRequest()).amount, before + 1)


@first.case("MongoUpdateOneJsonSchema answers updated, no_change and, for an unknown name, error")
def _(client):
    def update(name, schema):
        request = mongo_pb2.MongoUpdateOneJsonSchemaRequest(
            import_name=name, schema=schema, created_at="2024-05-02T10:00:00"
        )
        return client.MongoUpdateOneJsonSchema(request)

    insert(client, "py-update", SMALL)
    reply = update("py-update", LARGE)
    equal((reply.status, sorted(reply.result)), ("updated", ["matched_count", "message", "modified_count"]))
    reply = update("py-update", LARGE)
    equal((reply.status, sorted(reply.result)), ("no_change", ["message"]))
    reply = update("py-nobody", SMALL)
    equal((reply.status, sorted(reply.result)), ("error", ["message"]))
    equal(find(client, "py-nobody").status, "not_found")


@first.case("MongoDeleteOneJsonSchema answers reverted, deleted and error")
def _(client):
    def delete(name):
        reply = client.MongoDeleteOneJsonSchema(mongo_pb2.MongoDeleteOneJsonSchemaRequest(import_name=name))
        return reply.success, reply.status

    insert(client, "py-revert", SMALL)
    insert(client, "py-revert", LARGE)
    equal(delete("py-revert"), (True, "reverted"))
    equal(find(client, "py-revert").schema, SMALL)
    equal(delete("py-revert"), (True, "deleted"))
    equal(find(client, "py-revert").status, "not_found")
    equal(delete("py-revert"), (False, "error"))


@first.case("MongoDeleteImportName removes the name with its releases")
def _(client):
    def delete(name):
        reply = client.MongoDeleteImportName(mongo_pb2.MongoDeleteImportNameRequest(import_name=name))
        return reply.success, reply.status

    insert(client, "py-remove", SMALL)
    insert(client, "py-remove", LARGE)
    equal(delete("py-remove"), (True, "deleted"))
    equal(find(client, "py-remove").status, "not_found")
    equal(delete("py-remove"), (False, "error"))


@first.case("SetTaskId and GetTaskId keep status, code, message and data")
def _(client):
    equal(set_task(client, "py-1", status="accepted", code=202, message="taken", data={"a": "1"}).success, True)
    reply = get_task(client, "py-1")
    equal(reply.found, True)
    equal(reply.value, utils_pb2.ApiResponse(status="accepted", code=202, message="taken", data={"a": "1"}))
    set_task(client, "py-1", status="completed", code=200)
    equal(get_task(client, "py-1").value, utils_pb2.ApiResponse(status="completed", code=200))


@first.case("SetTaskId without a value is success=false")
def _(client):
    request = database_pb2.SetTaskIdRequest(task_id="py-empty", task="validation")
    equal(client.SetTaskId(request).success, False)
    equal(get_task(client, "py-empty").found, False)


@first.case("GetTaskId of an unknown task is found=false without a value")
def _(client):
    reply = get_task(client, "py-unknown")
    equal((reply.found, reply.HasField("value")), (False, False))


@first.case("the same id in another category is another task")
def _(client):
    set_task(client, "py-2", status="accepted", code=202)
    equal(get_task(client, "py-2", task="schemas").found, False)


@first.case("UpdateTaskId changes status, code and message, and merges or resets data")
def _(client):
    set_task(client, "py-3", status="accepted", code=202, message="m", data={"a": "1", "b": "2"})
    equal(update_task(client, "py-3", "status", "processing-file").success, True)
    equal(update_task(client, "py-3", "code", "200", message="half way", data={"b": "3", "c": "4"}).success, True)
    value = get_task(client, "py-3").value
    equal((value.status, value.code, value.message), ("processing-file", 200, "half way"))
    equal(dict(value.data), {"a": "1", "b": "3", "c": "4"})
    update_task(client, "py-3", "message", "done", reset_data=True)
    equal(dict(get_task(client, "py-3").value.data), {"a": "1", "b": "3", "c": "4"})
    update_task(client, "py-3", "status", "completed", data={"z": "0"}, reset_data=True)
    value = get_task(client, "py-3").value
    equal((value.status, value.message, dict(value.data)), ("completed", "done", {"z": "0"}))


@first.case("UpdateTaskId refuses a code that is no number and changes nothing")
def _(client):
    set_task(client, "py-4", status="accepted", code=202, message="m")
    for value in ("two", "", "2.5", "99999999999"):
        equal(update_task(client, "py-4", "code", value, message="other").success, False)
    equal(get_task(client, "py-4").value, utils_pb2.ApiResponse(status="accepted", code=202, message="m"))


@first.case("UpdateTaskId takes other fields, refuses names of ours, and shows neither")
def _(client):
    set_task(client, "py-5", status="accepted", code=202)
    for name in ("worker", "__proto__", "a.b", "$x"):
        equal(update_task(client, "py-5", name, "text").success, True)
    for name in ("task_id", "task", "import_name", "data", "_id", "cs", "cs.rev", ""):
        equal(update_task(client, "py-5", name, "text").success, False)
    equal(get_task(client, "py-5").value, utils_pb2.ApiResponse(status="accepted", code=202))


@first.case("UpdateTaskId of an unknown task is success=false and creates nothing")
def _(client):
    reply = update_task(client, "py-unknown", "status", "completed")
    check(reply.message != "", "the reply says why")
    equal((reply.success, get_task(client, "py-unknown").found), (False, False))


@first.case("GetTasksByImportName lists the tasks of a category and an import name")
def _(client):
    for number, name in (("1", "py-import"), ("2", "py-import"), ("3", "py-other")):
        set_task(client, f"py-i{number}", status="accepted", code=202, message=number, data={"import_name": name})
    set_task(client, "py-i4", task="schemas", status="accepted", code=202, data={"import_name": "py-import"})
    set_task(client, "py-i5", task="py-default", status="accepted", code=202, message="5")

    def messages(name, task="validation"):
        request = database_pb2.GetTasksByImportNameRequest(import_name=name, task=task)
        return sorted(task.message for task in client.GetTasksByImportName(request).tasks)

    equal(messages("py-import"), ["1", "2"])
    equal(messages("py-nothing"), [])
    equal(messages("default", task="py-default"), ["5"])


@first.case("replies about tasks say how durable and from where in their trailers")
def _(client):
    value = utils_pb2.ApiResponse(status="accepted", code=202)
    request = database_pb2.SetTaskIdRequest(task_id="py-6", value=value, task="validation")
    written = client.trailers("SetTaskId", request)
    equal(written["x-durability"], "DURABLE")
    check(written["x-token"] != "", "a write has a token")
    read = client.trailers("GetTaskId", database_pb2.GetTaskIdRequest(task_id="py-6", task="validation"))
    equal(read["x-source"], "AUTHORITY")


@later.case("MongoPing answers pong")
def _(client):
    equal(client.MongoPing(mongo_pb2.MongoPingRequest()).pong, True)


@later.case("MongoGetRawSchemas shows the active schema and the releases, oldest first")
def _(client):
    third = schema_of(other=(utils_pb2.BOOLEAN, {}))
    for schema, created_at in ((SMALL, "day 1"), (LARGE, "day 2"), (third, "day 3")):
        insert(client, "py-raw", schema, created_at)
    raw = client.MongoGetRawSchemas(mongo_pb2.MongoGetRawSchemasRequest(import_name="py-raw"))
    check(raw.id != "", "a known name has an id")
    equal((raw.import_name, raw.created_at, raw.active_schema), ("py-raw", "day 3", third))
    equal([(one.created_at, one.schema) for one in raw.schemas_releases], [("day 1", SMALL), ("day 2", LARGE)])


@later.case("MongoGetRawSchemas of an unknown name is an empty message")
def _(client):
    raw = client.MongoGetRawSchemas(mongo_pb2.MongoGetRawSchemasRequest(import_name="py-nobody"))
    equal(raw, mongo_pb2.MongoGetRawSchemasResponse())


@later.case("MongoGetSchemasByImportRegex searches anywhere in the name")
def _(client):
    for name in ("py-regex-one", "py-regex-two", "py-other"):
        insert(client, name, SMALL)

    def names(pattern):
        request = mongo_pb2.MongoGetSchemasByImportRegexRequest(import_name=pattern)
        return sorted(one.import_name for one in client.MongoGetSchemasByImportRegex(request).schemas)

    equal(names("regex-(one|two)"), ["py-regex-one", "py-regex-two"])
    equal(names("^regex"), [])
    try:
        names("(?=x)")
    except grpc.RpcError as error:
        equal(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
    else:
        raise AssertionError("a pattern that the dialect lacks was accepted")


@later.case("RemoveTaskId removes a task once")
def _(client):
    set_task(client, "py-7", status="accepted", code=202)
    request = database_pb2.RemoveTaskIdRequest(task_id="py-7", task="validation")
    equal(client.RemoveTaskId(request).success, True)
    equal(get_task(client, "py-7").found, False)
    equal(client.RemoveTaskId(request).success, False)


if __name__ == "__main__":
    the_client = Client(sys.argv[1])
    first.run("first generation", the_client)
    later.run("later generation", the_client)
