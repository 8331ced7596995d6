"""Validates the golden SOAP requests against Salesforce's Metadata API WSDL, strictly: order, names, types.

Usage: wsdl.py WSDL GOLDEN_FILE...

Exit codes: 0 valid, 1 invalid, 77 lxml is not installed.
"""

import sys

try:
    from lxml import etree
except ImportError:
    sys.exit(77)

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"


def schema_of(wsdl):
    types = etree.parse(wsdl).getroot().find("{http://schemas.xmlsoap.org/wsdl/}types")
    # Written out and read again, it carries the namespaces that the WSDL declares around it.
    return etree.XMLSchema(etree.fromstring(etree.tostring(types.find(XSD + "schema"))))


def main(wsdl, files):
    schema = schema_of(wsdl)
    invalid = 0
    for path in files:
        with open(path, encoding="utf-8") as golden:
            # Request line and headers, an empty line, the body.
            body = golden.read().split("\n\n", 1)[1]
        envelope = etree.fromstring(body.strip().encode())
        parts = list(envelope.find(SOAP + "Header")) + list(envelope.find(SOAP + "Body"))
        for part in parts:
            # On its own, with the namespaces that it needs.
            copy = etree.fromstring(etree.tostring(part))
            if schema.validate(copy):
                continue
            invalid += 1
            for error in schema.error_log:
                print(f"{path}: {etree.QName(part).localname}: {error.message}")
    print(f"{len(files)} requests, {invalid} invalid parts")
    return 1 if invalid else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
