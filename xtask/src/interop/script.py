"""What the scripts of the Python clients share: an operation is a function that raises when the client reports
anything but what it should; each prints one line of JSON."""

import io
import json
import os
import pathlib
import re
import time
import zipfile

import requests
from requests.adapters import HTTPAdapter

ORG = json.loads(os.environ["INTEROP_ORG"])
PROJECT = pathlib.Path(os.environ["INTEROP_PROJECT"])
APP = next(own for own in ORG["apps"] if own["name"] == "Pipeline")


def operation(name):
    """Runs one operation at once and prints what became of it; later ones run whatever it was."""

    def run(body):
        problem = None
        try:
            body()
        except BaseException as error:  # an AssertionError without a text says where it was raised
            line = error.__traceback__.tb_next.tb_lineno if error.__traceback__.tb_next else "?"
            problem = f"{type(error).__name__} (line {line}): {error}"[:2000]
        print(json.dumps({"operation": name, "passed": problem is None, "problem": problem}), flush=True)

    return run


def refused(text, call):
    """Asserts that a call raises, and that the error says this."""
    try:
        answer = call()
    except Exception as error:
        assert text in str(error), f"expected {text}, got {type(error).__name__}: {error}"
        return error
    raise AssertionError(f"expected a refusal with {text}, got {answer!r}")


def until(ask, is_over, seconds=20):
    """Asks again and again."""
    end = time.monotonic() + seconds
    while not is_over(answer := ask()):
        assert time.monotonic() < end, f"still {answer!r} after {seconds} s"
        time.sleep(0.05)
    return answer


def package(change=lambda path, text: text):
    """The project as a package; `change` may edit a file's text by its path."""
    root = PROJECT / "force-app/main/default"
    files, types = [], set()
    for file in sorted(root.glob("*/*")):
        path = f"{file.parent.name}/{file.name.removesuffix('-meta.xml')}"
        text = change(path, file.read_text())
        types.add(re.search(r"<(\w+) xmlns=", text)[1])
        files.append((path, text))
    members = "".join(f"<types><members>*</members><name>{name}</name></types>" for name in sorted(types))
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"{members}<version>66.0</version></Package>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in [("package.xml", manifest), *files]:
            archive.writestr(path, text)
    content.seek(0)
    return content


class ToTheOrg(HTTPAdapter):
    """Sends what is meant for Salesforce's hosts to the org, as an entry in /etc/hosts would: the request keeps its
    path, its body and its Host."""

    def send(self, request, **rest):
        host = requests.utils.urlparse(request.url).netloc
        request.headers["Host"] = host
        request.url = request.url.replace(f"https://{host}", ORG["instance_url"], 1)
        return super().send(request, **rest)


def session():
    """A session that trusts the org's authority (REQUESTS_CA_BUNDLE) and finds it under Salesforce's names."""
    own = requests.Session()
    for host in ("login", "test", "emulated.my"):
        own.mount(f"https://{host}.salesforce.com", ToTheOrg())
    return own
