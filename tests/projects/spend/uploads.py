"""Send a cost file as a browser does, and do the job that a page asked for."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.jobs.services import KINDS


def send(client, path, source="cloud", **data):
    return client.post(
        reverse("projects:import-costs"),
        {"source": source, "file": SimpleUploadedFile(path.name, path.read_bytes()), **data},
    )


class Heard:
    """A job's progress that only listens."""

    def __init__(self):
        self.steps, self.seen = [], []

    def step(self, name, **told):
        self.steps.append(name)

    def advance(self, done, total=None, *, rows=None):
        self.seen.append(done)

    def check(self):
        """Nobody asks for a stop."""


def perform(job):
    heard = Heard()
    return KINDS[job.kind].handler(job, heard), heard
