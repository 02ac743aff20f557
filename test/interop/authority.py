"""Certificates for test cases, made with openssl."""
import base64, hashlib, os, re, ssl, subprocess


class Authority:
    """A CA made with openssl, and what it issues."""

    def __init__(self, folder):
        self.folder = folder
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
                 "-out", "ca.pem", "-subj", "/CN=test CA", "-days", "2")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *args):
        return subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True).stdout

    def issue(self, name, san):
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                 "-out", f"{name}.csr", "-subj", f"/CN={name}", "-addext", f"subjectAltName={san}")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-out", f"{name}.pem", "-days", "2", "-copy_extensions", "copy")

    def der(self, name):
        return self.run("x509", "-in", f"{name}.pem", "-outform", "DER")

    def key(self, name):
        """An asymmetric-key-pair-grouping."""
        der = self.run("pkcs8", "-topk8", "-nocrypt", "-in", f"{name}.key", "-outform", "DER")
        return {"private-key-format": "ietf-crypto-types:one-asymmetric-key-format",
                "cleartext-private-key": base64.b64encode(der).decode()}

    def fingerprint(self, name):
        return ":".join(["04"] + re.findall("..", hashlib.sha256(self.der(name)).hexdigest()))

    def context(self, client=None):
        c = ssl.create_default_context(cafile=self.path("ca.pem"))
        if client:
            c.load_cert_chain(self.path(f"{client}.pem"), self.path(f"{client}.key"))
        return c


def b64(der):
    return base64.b64encode(der).decode()
