"""Makes a bucket: bucket.py s3|az URL, as soon as the storage answers."""

import sys
import time

kind, url = sys.argv[1:]


def s3():
    import boto3

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="state")


def az():
    from azure.storage.blob import BlobServiceClient

    # The account of Azurite, as its documentation has it.
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    client = BlobServiceClient(url + "/devstoreaccount1", {"account_name": "devstoreaccount1", "account_key": key})
    client.create_container("state")


deadline = time.monotonic() + 60
while True:
    try:
        {"s3": s3, "az": az}[kind]()
        break
    except Exception as error:
        if time.monotonic() > deadline:
            sys.exit(f"{kind} {url}: {error}")
        time.sleep(0.2)
