"""Operations as API Gateway imports them. In: an OpenAPI operation. Out: the keys on the allow-list, references inlined."""

from scopegen import codes
from scopegen.diagnostics import Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.importable.allowed import OPERATION, OPERATION_READ
from scopegen.importable.schemas import Models, simple_type
from scopegen.walk import ANY_METHOD

_LOCATIONS = ("header", "path", "query")


class Operations:
    """Converts the operations of one document."""

    def __init__(self, document: Document, models: Models, report: Report) -> None:
        self.document, self.models, self.report = document, models, report

    def convert(self, path: str, key: str, operation: dict[str, Json], inherited: list[Json]) -> dict[str, Json]:
        """One operation without `security` and integration, which are not the document's to decide."""
        here = pointer("paths", path, key)
        result: dict[str, Json] = {}
        for name, value in operation.items():
            if name in OPERATION:
                result[name] = value
            elif name.startswith("x-amazon-") and name not in OPERATION_READ:
                self.left_out(f"{here}/{name}", name)
        result["parameters"] = self.parameters(path, operation, inherited, here)
        body = mapping(self.document.resolve(operation.get("requestBody")))
        if body and key not in ("get", "head", "delete", "options"):
            result["requestBody"] = self.request_body(body, f"{here}/requestBody")
        elif body:
            self.left_out(f"{here}/requestBody", "requestBody")
        result["responses"] = self.responses(mapping(operation.get("responses")), f"{here}/responses")
        return {name: value for name, value in result.items() if name != "parameters" or value}

    def left_out(self, here: str, name: str) -> None:
        where = self.document.at(here, "key")
        self.report.add(
            codes.LEFT_OUT_OF_IMPORT.at(where, f"`{name}` is left out: API Gateway's REST import does not take it")
        )

    def parameters(self, path: str, operation: dict[str, Json], inherited: list[Json], here: str) -> list[Json]:
        """The operation's parameters and those of its path item, only with what API Gateway honours."""
        merged: dict[tuple[str, str], Json] = {}
        for item in [*inherited, *sequence(operation.get("parameters"))]:
            parameter = mapping(self.document.resolve(item))
            place = text(parameter.get("in"))
            name = text(parameter.get("name"))
            if place not in _LOCATIONS:
                self.left_out(f"{here}/parameters", f"{place} parameter {name}")
            elif place == "path" and not _in_path(path, name):
                self.left_out(f"{here}/parameters", f"path parameter {name}")
            else:
                merged[place, name] = self.parameter(parameter)
        return [merged[key] for key in sorted(merged)]

    def parameter(self, parameter: dict[str, Json]) -> Json:
        name, place = text(parameter.get("name")), text(parameter.get("in"))
        if place == "path":
            name = name.removesuffix("+")  # as API Gateway itself writes a greedy variable
        result: dict[str, Json] = {
            "name": name,
            "in": place,
            "required": place == "path" or parameter.get("required") is True,
            "schema": {"type": simple_type(self.document, parameter)},
        }
        description = text(parameter.get("description"))
        return result | ({"description": description} if description else {})

    def request_body(self, body: dict[str, Json], here: str) -> Json:
        result: dict[str, Json] = {"content": self.content(body, here)}
        for key in ("description", "required"):
            if key in body:
                result[key] = body[key]
        return result

    def responses(self, responses: dict[str, Json], here: str) -> dict[str, Json]:
        """Answers by code; a range (`2XX`) becomes the first code of it that is not taken."""
        result: dict[str, Json] = {}
        for code, item in sorted(responses.items(), key=lambda entry: "X" in entry[0]):
            if code.startswith("x-"):
                continue
            concrete = code.replace("X", "0")
            if concrete != code:
                where = self.document.at(f"{here}{pointer(code)}", "key")
                message = f"the range `{code}` is written as `{concrete}`: API Gateway knows no ranges"
                self.report.add(codes.LEFT_OUT_OF_IMPORT.at(where, message))
                if concrete in result:
                    continue
            response = mapping(self.document.resolve(item))
            one: dict[str, Json] = {"description": text(response.get("description"))}
            headers = mapping(response.get("headers"))
            if headers:
                one["headers"] = {name: self.header(header) for name, header in headers.items()}
            if mapping(response.get("content")):
                one["content"] = self.content(response, f"{here}{pointer(code)}")
            result[concrete] = one
        return result

    def header(self, header: Json) -> Json:
        resolved = mapping(self.document.resolve(header))
        return {"schema": {"type": simple_type(self.document, resolved)}}

    def content(self, holder: dict[str, Json], here: str) -> Json:
        result: dict[str, Json] = {}
        for media, item in mapping(holder.get("content")).items():
            content = mapping(item)
            below = f"{here}/content{pointer(media)}/schema"
            result[media] = {"schema": self.models.convert(content["schema"], below)} if "schema" in content else {}
        return result


def _in_path(path: str, name: str) -> bool:
    return f"{{{name}}}" in path or f"{{{name}+}}" in path


def method_key(method: str) -> str:
    """The key of a method in a path item."""
    return ANY_METHOD if method == "ANY" else method.lower()
