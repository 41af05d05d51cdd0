#!/usr/bin/env python3
"""Whether Kubernetes would take objects, whether what they name is there, and whether the program takes its settings.

usage: check-kubernetes.py PROGRAM FILE...

PROGRAM is a built paddler. $GATEWAY_CRD and $INFERENCE_CRD name the files of the CustomResourceDefinitions of HTTPRoute and
InferencePool. Without them these kinds are looked at by Scripts/kubernetes-schemas alone.
"""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from cloudcoil.models.prometheus_operator.v1 import ServiceMonitor

# The oldest that the chart asks for, one in between, the newest of which there are schemas.
VERSIONS = ["1.30", "1.33", "1.37"]
OPERATORS = {"ScaledObject": ScaledObject, "ServiceMonitor": ServiceMonitor}
# Where a gateway's kinds are defined.
GATEWAYS = {"HTTPRoute": "GATEWAY_CRD", "InferencePool": "INFERENCE_CRD"}
SCHEMAS = Path(__file__).parent / "kubernetes-schemas"


class Problems(list):
    def __init__(self, file):
        super().__init__()
        self.file = file

    def say(self, thing, text):
        self.append(f"{self.file}: {thing['kind']} {thing['metadata']['name']}: {text}")


def check_schema(things, problems):
    unchecked = set()
    for thing in things:
        if model := OPERATORS.get(thing["kind"]):
            try:
                known = model.model_validate(thing).model_dump(by_alias=True, exclude_unset=True, mode="json")
                for path in lost(thing, known):
                    problems.say(thing, f"nothing is called {path}")
            except ValueError as error:
                problems.say(thing, str(error))
        elif variable := GATEWAYS.get(thing["kind"]):
            schema = json.loads((SCHEMAS / f"{thing['kind']}.json").read_text())
            check_json(thing, schema, problems)
            if definition := os.environ.get(variable):
                check_definition(thing, yaml.safe_load(Path(definition).read_text()), problems)
            else:
                unchecked.add(f"{thing['kind']} by its own definition, which can't be had here")
        else:
            for version in VERSIONS:
                try:
                    kubernetes_validate.validate(thing, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    problems.say(thing, f"Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message}")
    return unchecked


def lost(wanted, known, path=""):
    """What a model has not taken: it skips what it doesn't know."""
    if isinstance(wanted, dict) and isinstance(known, dict):
        for key, value in wanted.items():
            if key not in known:
                yield f"{path}.{key}"
            else:
                yield from lost(value, known[key], f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(known, list):
        for index, pair in enumerate(zip(wanted, known)):
            yield from lost(*pair, f"{path}[{index}]")


def closed(schema):
    """As the API server has it when it is asked to be strict: nothing but what is named."""
    if isinstance(schema, dict):
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            closed(value)
    elif isinstance(schema, list):
        for value in schema:
            closed(value)
    return schema


def check_json(thing, schema, problems):
    for error in jsonschema.Draft7Validator(schema).iter_errors(thing):
        problems.say(thing, f"{'.'.join(map(str, error.path))}: {error.message}")


def check_definition(thing, definition, problems):
    version = thing["apiVersion"].split("/")[1]
    for served in definition["spec"]["versions"]:
        if served["name"] == version:
            schema = closed(copy.deepcopy(served["schema"]["openAPIV3Schema"]))
            schema["properties"]["metadata"] = {"type": "object"}
            check_json(thing, schema, problems)
            return
    problems.say(thing, f"there is no version {version}")


def pods(things):
    for thing in things:
        if thing["kind"] in ("Deployment", "StatefulSet"):
            yield thing, thing["spec"]["template"]


def containers(template):
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def selects(selector, labels):
    return bool(selector) and selector.items() <= labels.items()


def check_names(things, problems):
    """What an object refers to, as far as it can only be among the others."""
    made = {(thing["kind"], thing["metadata"]["name"]): thing for thing in things}
    if len(made) != len(things):
        problems.append(f"{problems.file}: two objects of one kind and name")
    labels = [template["metadata"]["labels"] for _, template in pods(things)]

    for thing, template in pods(things):
        if not selects(thing["spec"]["selector"]["matchLabels"], template["metadata"]["labels"]):
            problems.say(thing, "doesn't select its own pods")
        if ("ServiceAccount", template["spec"]["serviceAccountName"]) not in made:
            problems.say(thing, "its ServiceAccount isn't there")
        volumes = {volume["name"] for volume in template["spec"]["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in thing["spec"].get("volumeClaimTemplates", [])}
        for volume in template["spec"]["volumes"]:
            name = volume.get("configMap", {}).get("name")
            if name and ("ConfigMap", name) not in made and volume["name"] == "settings":
                problems.say(thing, f"its ConfigMap {name} isn't there")
        for container in containers(template):
            ports = {port["name"] for port in container["ports"]}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                if probe in container and container[probe]["httpGet"]["port"] not in ports:
                    problems.say(thing, f"{container['name']}: the {probe} asks a port that isn't there")
            for mount in container["volumeMounts"]:
                if mount["name"] not in volumes:
                    problems.say(thing, f"{container['name']}: there is no volume {mount['name']}")
            for address in variables(container).get("PADDLER_MANAGEMENT_ADDR", "").split(","):
                if address:
                    check_balancer(address, made, thing, problems)

    for thing in things:
        spec = thing.get("spec", {})
        if thing["kind"] == "Service" and not any(selects(spec["selector"], label) for label in labels):
            problems.say(thing, "selects nobody")
        if thing["kind"] in ("PodDisruptionBudget", "NetworkPolicy"):
            selector = spec.get("selector") or spec.get("podSelector")
            if not any(selects(selector["matchLabels"], label) for label in labels) and labels_wanted(selector, labels):
                problems.say(thing, "selects nobody")
        if thing["kind"] == "ScaledObject":
            target = made.get(("Deployment", spec["scaleTargetRef"]["name"]))
            if target is None or "replicas" in target["spec"]:
                problems.say(thing, "its Deployment isn't there, or says itself how many replicas there are")
        if thing["kind"] == "ServiceMonitor":
            services = [other for other in things if other["kind"] == "Service"]
            found = [other for other in services if selects(spec["selector"]["matchLabels"], other["metadata"]["labels"])]
            ports = {port["name"] for other in found for port in other["spec"]["ports"]}
            if len(found) != 1 or not {endpoint["port"] for endpoint in spec["endpoints"]} <= ports:
                problems.say(thing, "doesn't select one Service with its ports")
        if thing["kind"] == "HTTPRoute":
            for rule in spec["rules"]:
                for backend in rule["backendRefs"]:
                    if backend.get("kind") == "InferencePool":
                        if ("InferencePool", backend["name"]) not in made:
                            problems.say(thing, f"there is no InferencePool {backend['name']}")
                        continue
                    service = made.get(("Service", backend["name"]))
                    if service is None or backend["port"] not in {port["port"] for port in service["spec"]["ports"]}:
                        problems.say(thing, f"no Service {backend['name']} has the port {backend['port']}")


    for thing in things:
        if thing["kind"] == "Service":
            check_ports(thing, things, problems)
        if thing["kind"] == "InferencePool":
            check_pool(thing, things, problems)


def selected(selector, things):
    return [template for _, template in pods(things) if selects(selector, template["metadata"]["labels"])]


def check_ports(service, things, problems):
    """A port that a Service leads to is one of the pods'."""
    for template in selected(service["spec"]["selector"], things):
        names = {port["name"] for container in containers(template) for port in container["ports"]}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in names:
                problems.say(service, f"its pods have no port {port['targetPort']}")


def check_pool(pool, things, problems):
    """What a gateway knows of servers is what their agents report, and the picker that it asks is there, by TLS."""
    spec = pool["spec"]
    servers = selected(spec["selector"]["matchLabels"], things)
    if not servers:
        problems.say(pool, "selects nobody")
    number = ",".join(str(port["number"]) for port in spec.get("targetPorts", []))
    for template in servers:
        agents = [variables(container) for container in containers(template) if "PADDLER_NAME" in variables(container)]
        reported = [(agent["PADDLER_EXTERNAL_LLAMACPP_HOST"], agent["PADDLER_LOCAL_LLAMACPP_PORT"]) for agent in agents]
        if reported != [("fd00::7", number)]:
            problems.say(pool, f"its agents report {reported}, and not their pod's address and {number}")
    picker = spec["endpointPickerRef"]
    if picker.get("failureMode") != "FailClose":
        problems.say(pool, "what nobody picks goes to any server")
    service = next((s for s in things if s["kind"] == "Service" and s["metadata"]["name"] == picker["name"]), None)
    ports = service["spec"]["ports"] if service else []
    if [port["port"] for port in ports] != [picker["port"]["number"]]:
        return problems.say(pool, f"there is no Service {picker['name']} with this port alone")
    for template in selected(service["spec"]["selector"], things):
        (container,) = containers(template)
        numbers = {port["name"]: port["containerPort"] for port in container["ports"]}
        settings = variables(container)
        if settings.get("PADDLER_PICKER_PORT") != str(numbers.get(ports[0]["targetPort"])):
            problems.say(pool, "its picker listens elsewhere")
        if "PADDLER_PICKER_TLS_CERT" not in settings:
            problems.say(pool, "its picker speaks no TLS")


def labels_wanted(selector, labels):
    """The policy of servers may stay where there are none."""
    component = selector["matchLabels"]["app.kubernetes.io/component"]
    return component != "server" or any(label["app.kubernetes.io/component"] == "server" for label in labels)


def check_balancer(address, made, thing, problems):
    host, port = address.rsplit(":", 1)
    pod, service = host.split(".")[:2]
    name, number = pod.rsplit("-", 1)
    balancers = made.get(("StatefulSet", name))
    if balancers is None or int(number) >= balancers["spec"]["replicas"] or balancers["spec"]["serviceName"] != service:
        problems.say(thing, f"there is no balancer at {address}")
    elif int(port) not in {entry["port"] for entry in made["Service", service]["spec"]["ports"]}:
        problems.say(thing, f"{service} doesn't have the port {port}")


def variables(container):
    """As the container gets them; what only a running pod knows, by an example."""
    examples = {"metadata.name": "pod-1", "status.podIP": "fd00::7"}
    return {
        variable["name"]: variable["value"]
        if "value" in variable
        else examples.get(variable["valueFrom"].get("fieldRef", {}).get("fieldPath"), "secret")
        for variable in container["env"]
    }


def links(services):
    """What Kubernetes tells a pod of Services unless it is asked not to."""
    for service in services:
        prefix = service["metadata"]["name"].upper().replace("-", "_")
        for port in service["spec"]["ports"]:
            url = f"tcp://10.96.7.1:{port['port']}"
            yield from {
                f"{prefix}_SERVICE_HOST": "10.96.7.1",
                f"{prefix}_SERVICE_PORT": str(port["port"]),
                f"{prefix}_SERVICE_PORT_{port['name'].upper()}": str(port["port"]),
                f"{prefix}_PORT": url,
                f"{prefix}_PORT_{port['port']}_TCP": url,
                f"{prefix}_PORT_{port['port']}_TCP_PORT": str(port["port"]),
                f"{prefix}_PORT_{port['port']}_TCP_PROTO": "tcp",
                f"{prefix}_PORT_{port['port']}_TCP_ADDR": "10.96.7.1",
            }.items()


def check_settings(program, things, problems):
    """The program is started as in its container, but for the last step, with and without Services that are called as it is."""
    made = {(thing["kind"], thing["metadata"]["name"]): thing for thing in things}
    services = [thing for thing in things if thing["kind"] == "Service"]
    # What the pod is given itself counts more than these.
    for name in ("paddler", "paddler-balancers", "paddler-management", "paddler-picker", "paddler-reverseproxy"):
        services.append({"metadata": {"name": name}, "spec": {"ports": [{"name": "http", "port": 8086}]}})
    asked = 0
    for thing, template in pods(things):
        settings = next(volume for volume in template["spec"]["volumes"] if volume["name"] == "settings")
        texts = made["ConfigMap", settings["configMap"]["name"]]["data"]
        for container in containers(template):
            environment = variables(container)
            if "PADDLER_CONFIG" not in environment:
                continue
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, Path(environment["PADDLER_CONFIG"]).name)
                file.write_text(texts[file.name])
                environment["PADDLER_CONFIG"] = str(file)
                command = [program, *container["args"], "--print-config"]
                plain = subprocess.run(command, env=environment, capture_output=True, text=True)
                linked = subprocess.run(command, env=dict(links(services)) | environment, capture_output=True, text=True)
            if plain.returncode != 0:
                problems.say(thing, f"{container['name']}: {plain.stderr.strip()}")
            if (linked.returncode, linked.stdout) != (plain.returncode, plain.stdout):
                problems.say(thing, f"{container['name']}: Services change its settings: {linked.stderr.strip()}")
            taken = set(re.findall(r"\bPADDLER_[A-Z_]+\b", plain.stdout))
            for variable in environment.keys() - taken - {"PADDLER_CONFIG"}:
                problems.say(thing, f"{container['name']}: nothing is set by {variable}")
            asked += 1
    return asked


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, files = sys.argv[1], sys.argv[2:]
    unchecked, failures = set(), []
    for file in map(Path, files):
        things = [thing for thing in yaml.safe_load_all(file.read_text()) if thing]
        problems = Problems(file.stem)
        unchecked |= check_schema(things, problems)
        check_names(things, problems)
        asked = check_settings(program, things, problems)
        if asked == 0:
            problems.append(f"{file.stem}: no container in it is ours")
        print(f"checked {file.stem}: {len(things)} objects, the settings of {asked} containers")
        failures += problems
    for what in sorted(unchecked):
        print(f"not checked: {what}")
    if failures:
        sys.exit("\n".join(f"error: {failure}" for failure in failures))


if __name__ == "__main__":
    main()
