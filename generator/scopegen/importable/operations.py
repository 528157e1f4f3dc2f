"""Operations as API Gateway imports them. In: an OpenAPI operation. Out: the keys on the allow-list, references inlined."""

from scopegen import codes
from scopegen.diagnostics import Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.importable.allowed import DOCUMENTATION, OPERATION, OPERATION_READ
from scopegen.importable.hazards import is_harmless
from scopegen.importable.root import REQUEST_VALIDATOR, is_validator
from scopegen.importable.schemas import Models, simple_type
from scopegen.lost import Lost
from scopegen.settings import ApiSettings
from scopegen.walk import ANY_METHOD

# Dropped with a word: these say something that the gateway will not do. Other keys are for people.
_REPORTED = frozenset({"callbacks", "servers"})
_LOCATIONS = ("header", "path", "query")


class Operations:
    """Converts the operations of one document. `copy` says of a place in what is made where it was written.

    That is asked only of documents in which something may be executed.
    """

    def __init__(self, document: Document, models: Models, api: ApiSettings, report: Report) -> None:
        self.document, self.models, self.report = document, models, report
        self.lost = Lost(document)
        self.keeps_text = api.documentation == "keep"
        self.keys = OPERATION if self.keeps_text else OPERATION - DOCUMENTATION
        self.keeps_places = not is_harmless(document.survey)
        self.copy = Document(document.api, document.file, {}, document.sources)
        self.copy.origins = dict(document.origins)

    def convert(self, path: str, key: str, operation: dict[str, Json]) -> dict[str, Json]:
        """One operation without `security` and integration, which are not the document's to decide."""
        here = pointer("paths", path, key)
        result: dict[str, Json] = {}
        for name, value in operation.items():
            if name == REQUEST_VALIDATOR and not is_validator(self.document, value, here, self.report):
                continue
            if name in self.keys:
                result[name] = value
            elif name in _REPORTED or (name.startswith("x-amazon-") and name not in OPERATION_READ):
                self.left_out(here + pointer(name), name)
        result.pop("parameters", None)
        if parameters := self.parameters(path, key, operation):
            result["parameters"] = parameters
        body, place = self.resolved(operation.get("requestBody"), f"{here}/requestBody")
        if body and key not in ("get", "head", "delete", "options"):
            result["requestBody"] = self.request_body(body, place)
        elif body:
            self.left_out(f"{here}/requestBody", f"requestBody` of `{key.upper()}")
        result["responses"] = self.responses(mapping(operation.get("responses")), f"{here}/responses")
        return result

    def resolved(self, node: Json, place: str, copied_to: str = "") -> tuple[dict[str, Json], str]:
        """A mapping with its references followed, and where that is written; `copied_to` if not where it was."""
        found, there = self.document.resolve_at(node, place)
        copied_to = copied_to or place
        if self.keeps_places and there != copied_to:
            self.copy.origins[copied_to] = self.document.at(there)
        return mapping(found), there

    def left_out(self, place: str, name: str) -> None:
        why = "API Gateway's REST import does not take it"
        self.lost.add(codes.LEFT_OUT_OF_IMPORT, place, f"`{name}` is left out", why)

    def parameters(self, path: str, key: str, operation: dict[str, Json]) -> list[Json]:
        """The operation's parameters and those of its path item, only with what API Gateway honours."""
        item = mapping(mapping(self.document.data["paths"])[path])
        here = pointer("paths", path, key)
        merged: dict[tuple[str, str], tuple[Json, str]] = {}
        for holder, above in ((item, pointer("paths", path)), (operation, here)):
            for i, written in enumerate(sequence(holder.get("parameters"))):
                found, place = self.document.resolve_at(written, f"{above}/parameters/{i}")
                parameter = mapping(found)
                kind, name = text(parameter.get("in")), text(parameter.get("name"))
                if kind not in _LOCATIONS:
                    self.left_out(place, f"{kind} parameter {name}")
                else:
                    merged[kind, name] = self.parameter(parameter), place
        result = [merged[name] for name in sorted(merged)]
        if self.keeps_places:
            self.copy.origins |= {f"{here}/parameters/{i}": self.document.at(at) for i, (_, at) in enumerate(result)}
        return [parameter for parameter, _ in result]

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
        return result | ({"description": description} if description and self.keeps_text else {})

    def request_body(self, body: dict[str, Json], place: str) -> Json:
        result: dict[str, Json] = {"content": self.content(body, place)}
        for key in ("description", "required") if self.keeps_text else ("required",):
            if key in body:
                result[key] = body[key]
        return result

    def responses(self, responses: dict[str, Json], here: str) -> dict[str, Json]:
        """Answers by code; a range (`2XX`) becomes the first code of it, unless that is taken."""
        result: dict[str, Json] = {}
        for code, item in sorted(responses.items(), key=lambda entry: "X" in entry[0]):
            if code.startswith("x-"):
                continue
            concrete = code.replace("X", "0")
            if concrete != code:
                self.range(f"{here}{pointer(code)}", code, concrete, is_taken=concrete in result)
            if concrete in result:
                continue
            copied_to = f"{here}{pointer(concrete)}"
            response, place = self.resolved(item, f"{here}{pointer(code)}", copied_to)
            one: dict[str, Json] = {"description": text(response.get("description")) if self.keeps_text else ""}
            headers = mapping(response.get("headers"))
            if headers:
                one["headers"] = {name: self.header(header, place, copied_to, name) for name, header in headers.items()}
            if "links" in response:
                self.left_out(f"{place}/links", "links")
            if mapping(response.get("content")):
                one["content"] = self.content(response, place)
            result[concrete] = one
        return result

    def range(self, place: str, code: str, concrete: str, *, is_taken: bool) -> None:
        what = "left out" if is_taken else f"written as `{concrete}`"
        why = "API Gateway knows no ranges" + (f", and `{concrete}` is taken" if is_taken else "")
        self.lost.add(codes.LEFT_OUT_OF_IMPORT, place, f"the range `{code}` is {what}", why)

    def header(self, header: Json, place: str, copied_to: str, name: str) -> Json:
        below = f"/headers{pointer(name)}"
        resolved, _ = self.resolved(header, place + below, copied_to + below)
        return {"schema": {"type": simple_type(self.document, resolved)}}

    def content(self, holder: dict[str, Json], place: str) -> Json:
        result: dict[str, Json] = {}
        for media, item in mapping(holder.get("content")).items():
            content = mapping(item)
            below = f"{place}/content{pointer(media)}/schema"
            result[media] = {"schema": self.models.convert(content["schema"], below)} if "schema" in content else {}
        return result


def method_key(method: str) -> str:
    """The key of a method in a path item."""
    return ANY_METHOD if method == "ANY" else method.lower()
