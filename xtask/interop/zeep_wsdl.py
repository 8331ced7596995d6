"""Reads the golden SOAP requests with the types that zeep makes from Salesforce's Metadata API WSDL.

zeep is a SOAP client that nobody here wrote. Each request is parsed into the operation's own Python types and written
by zeep again; both times nothing may be lost, so what zeep writes must say the same as the golden request.

Usage: zeep_wsdl.py WSDL GOLDEN_FILE...

Exit codes: 0 read, 1 not read or lost something, 77 zeep is not installed.
"""

import sys

try:
    import zeep
    from lxml import etree
    from zeep.settings import Settings
except ImportError:
    sys.exit(77)

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def said(element):
    """What an element says, whatever its prefixes: name, type, text, children in order."""
    kind = element.get(XSI_TYPE)
    children = [said(child) for child in element]
    text = (element.text or "").strip() if not children else ""
    return (element.tag, kind and kind.rsplit(":", 1)[-1], text, children)


def without_empty_text(part):
    """zeep reads an empty text as none at all and then misses it; a stand-in keeps what the request says."""
    for element in part.iter():
        if len(element) == 0 and not element.text and not element.attrib:
            element.text = "?"
    return part


def check(client, part):
    part = without_empty_text(part)
    element = client.get_element(etree.QName(part).text)
    value = element.parse(part, client.wsdl.types)
    if value is None:
        return "zeep reads nothing"
    parent = etree.Element("parent")
    element.render(parent, value)
    before, after = said(part), said(parent[0])
    return None if before == after else f"zeep writes it as {etree.tostring(parent[0]).decode()[:600]}"


def main(wsdl, files):
    client = zeep.Client(wsdl, settings=Settings(strict=True, xml_huge_tree=True))
    operations = next(iter(client.wsdl.services.values())).ports.popitem()[1].binding.all()
    problems = 0
    for path in files:
        with open(path, encoding="utf-8") as golden:
            # Request line and headers, an empty line, the body.
            body = golden.read().split("\n\n", 1)[1]
        envelope = etree.fromstring(body.strip().encode())
        for part in [*envelope.find(SOAP + "Header"), *envelope.find(SOAP + "Body")]:
            name = etree.QName(part).localname
            in_body = part.getparent().tag == SOAP + "Body"
            try:
                problem = "no such operation" if in_body and name not in operations else check(client, part)
            except Exception as error:  # zeep and lxml raise many kinds
                problem = f"{type(error).__name__}: {error}"
            if problem:
                problems += 1
                print(f"{path}: {name}: {problem}")
    print(f"zeep {zeep.__version__}: {len(files)} requests, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
