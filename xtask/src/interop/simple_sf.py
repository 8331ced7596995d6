"""simple-salesforce against an embedded org over TLS: it speaks HTTPS only. What is asserted is what the library
itself reports. Its metadata types come from zeep, over the WSDL 63.0 that it brings along."""

import io
import os
import zipfile

import requests
from script import APP, ORG, operation, package, refused, session, until

import simple_salesforce as library

FILES = 9
ENDS = {"Succeeded", "Failed", "SucceededPartial", "Canceled"}


def connect(token=ORG["access_token"]):
    url = ORG["instance_url"]
    return library.Salesforce(instance_url=url, session_id=token, session=requests.Session(), version="66.0")


org = connect()


def deployed(content, **options):
    started = org.deploy(content, sandbox=False, **options)
    assert started["state"] == "Queued", started
    assert started["asyncId"].startswith("0Af"), started
    return started["asyncId"], until(
        lambda: org.checkDeployStatus(started["asyncId"]), lambda own: own["state"] in ENDS
    )


@operation("identity")
def _():
    told = org.oauth2("userinfo")
    assert told["organization_id"] == ORG["org_id"], told
    assert told["preferred_username"] == ORG["username"], told


@operation("query")
def _():
    answer = org.query("SELECT Id, Name FROM Organization")
    assert answer["totalSize"] == 1 and answer["records"][0]["Id"] == ORG["org_id"], answer
    users = list(org.query_all_iter(f"SELECT Username FROM User WHERE Username = '{ORG['username']}'"))
    assert [own["Username"] for own in users] == [ORG["username"]], users


@operation("describe")
def _():
    types = org.mdapi.describe_metadata().metadataObjects
    app = next(own for own in types if own.xmlName == "ExternalClientApplication")
    assert (app.suffix, app.directoryName) == ("eca", "externalClientApps"), app
    fields = org.mdapi.ExternalClientApplication.describe().valueTypeFields
    assert "contactEmail" in [own.name for own in fields], fields


def listed(kind):
    query = org.mdapi._client.get_type("ns0:ListMetadataQuery")(type=kind)
    return org.mdapi.list_metadata([query]) or []


@operation("list nothing")
def _():
    assert listed("NamedCredential") == []


@operation("validate (SOAP)")
def _():
    _, status = deployed(package(), checkOnly=True, testLevel="NoTestRun")
    assert status["state"] == "Succeeded", status
    assert listed("NamedCredential") == []


deploy_id = None


@operation("deploy (SOAP)")
def _():
    global deploy_id
    deploy_id, status = deployed(package(), testLevel="NoTestRun")
    assert status["state"] == "Succeeded", status
    detail = status["deployment_detail"]
    assert detail == {"total_count": str(FILES), "failed_count": "0", "deployed_count": str(FILES), "errors": []}


@operation("deploy with its defaults")
def _():
    # Without a test level it writes the word None among the options.
    _, status = deployed(package())
    assert status["state"] == "Succeeded", status


@operation("check a deploy")
def _():
    assert org.checkDeployStatus(deploy_id)["state"] == "Succeeded"


@operation("list")
def _():
    found = listed("ExternalClientApplication")
    assert sorted(own.fullName for own in found) == ["Pipeline", "Storefront"], found
    assert all(own.fileName == f"externalClientApps/{own.fullName}.eca" for own in found), found


@operation("retrieve")
def _():
    request = {"ExternalClientApplication": ["Storefront", "Nobody"]}
    own, state = org.mdapi.retrieve("", single_package=True, unpackaged=request)
    assert own.startswith("09S"), own
    until(lambda: org.mdapi.check_retrieve_status(own)[0], lambda state: state == "Succeeded")
    state, error, _, content = org.mdapi.retrieve_zip(own)
    assert (state, error) == ("Succeeded", None), (state, error)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == ["externalClientApps/Storefront.eca", "package.xml"], archive.namelist()
        assert archive.testzip() is None


@operation("read")
def _():
    app = org.mdapi.ExternalClientApplication.read(["Storefront"])
    assert (app.fullName, app.label) == ("Storefront", "Storefront"), app


@operation("create, update, upsert, rename and delete")
def _():
    kind = org.mdapi.ExternalClientApplication
    app = kind(fullName="Made_Here", label="Made", contactEmail="a@example.com", distributionState="Local")
    kind.create([app])
    refused("DUPLICATE_DEVELOPER_NAME", lambda: kind.create([app]))
    app.label = "Changed"
    kind.update([app])
    assert kind.read(["Made_Here"]).label == "Changed"
    kind.upsert([app])
    kind.rename("Made_Here", "Made_There")
    kind.delete(["Made_There"])
    refused("Made_There", lambda: kind.delete(["Made_There"]))


@operation("be refused with file and words")
def _():
    # This client shows neither line nor column.
    broken = package(lambda _, text: text.replace("Basic, Api", "Basic, Telepathy"))
    _, status = deployed(broken, testLevel="NoTestRun")
    assert status["state"] == "Failed", status
    error = status["deployment_detail"]["errors"][0]
    assert error["type"] == "ExtlClntAppOauthSettings" and error["status"] == "Error", error
    assert "There's a problem with your scope(s): Telepathy" in error["message"], error
    assert error["file"] == "extlClntAppOauthSettings/Storefront_oauth.ecaOauth", error


@operation("be refused with a dead session")
def _():
    dead = connect(ORG["access_token"].split("!")[0] + "!dead")
    refused("INVALID_SESSION_ID", lambda: dead.query("SELECT Id FROM User"))
    refused("INVALID_SESSION_ID", dead.mdapi.describe_metadata)


@operation("be told of an unknown id")
def _():
    refused("INVALID_CROSS_REFERENCE_KEY", lambda: org.checkDeployStatus("0Af000000000001AAA"))


def log_in(**words):
    own = library.Salesforce(session=session(), version="66.0", **words)
    assert f"https://{own.sf_instance}" == ORG["instance_url"], own.sf_instance
    answer = own.query("SELECT Id FROM Organization")
    assert answer["records"][0]["Id"] == ORG["org_id"], answer


@operation("log in with the JWT bearer flow")
def _():
    # `exp` is text here.
    key = os.environ["INTEROP_KEY"]
    log_in(username=ORG["username"], consumer_key=APP["client_id"], privatekey_file=key)


@operation("be refused with a wrong key")
def _():
    words = {"username": ORG["username"], "consumer_key": APP["client_id"]}
    refused("invalid assertion", lambda: log_in(privatekey_file=os.environ["INTEROP_OTHER_KEY"], **words))


@operation("log in with the client credentials flow")
def _():
    log_in(consumer_key=APP["client_id"], consumer_secret=APP["client_secret"], domain="emulated.my")
