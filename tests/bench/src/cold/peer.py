"""What the start-up benchmark compares with: the smallest useful Python function, one call of ElastiCache by boto3.

Without a Runtime API it prints what the benchmark needs of Python: its versions, the root certificates that boto3
trusts, and the zip size in bytes of each named function in the present folder.
"""

import http.client
import json
import os
import sys

import boto3
from botocore.exceptions import ClientError

RUNTIME_API = os.environ.get("AWS_LAMBDA_RUNTIME_API")
if not RUNTIME_API:
    import io
    import zipfile

    def zipped(name):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.write(f"{name}/bootstrap", "bootstrap")
        return len(packed.getvalue())

    versions = f"Python {sys.version.split()[0]} and boto3 {boto3.__version__}"
    roots = os.path.join(os.path.dirname(boto3.__file__), "../botocore/cacert.pem")
    print(json.dumps({"versions": versions, "roots": roots, "zips": {name: zipped(name) for name in sys.argv[1:]}}))
    sys.exit()

# As AWS advises: the client is made once, before the first invocation.
elasticache = boto3.client("elasticache")
connection = http.client.HTTPConnection(RUNTIME_API)
while True:
    connection.request("GET", "/2018-06-01/runtime/invocation/next")
    work = connection.getresponse()
    event = json.loads(work.read())
    try:
        answer = elasticache.describe_snapshots(SnapshotName=event["snapshot"])["Snapshots"]
    except ClientError as error:
        answer = error.response["Error"]["Code"]
    request = work.headers["Lambda-Runtime-Aws-Request-Id"]
    connection.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(answer))
    connection.getresponse().read()
