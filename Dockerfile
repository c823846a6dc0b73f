# A recorder in a container: llmxray with what recording takes, and no weights. Not built here so far.
#
#   docker build -t llmxray .
#   docker run --rm -it --network host -e OPENAI_API_KEY -v "$PWD:/work" llmxray run my.yaml --mode record
#
# The model server is elsewhere: name it with --endpoint NAME=URL. With --network host it may be on this machine.
# Pin the base by its digest where you need the same image again: --build-arg BASE=python@sha256:…
ARG BASE=python:3.13-slim
FROM ${BASE}

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1

# Alone, so that a change of the sources does not install every package anew. Each file by its SHA-256.
COPY locks/record.txt /src/locks/record.txt
RUN python -m pip install --require-hashes -r /src/locks/record.txt

COPY . /src
RUN python -m pip install --no-deps --no-build-isolation /src \
    && rm -rf /src \
    && useradd --create-home recorder

# Recordings belong to whoever runs it where --user is given: docker run --user "$(id -u)"
USER recorder
WORKDIR /work
ENTRYPOINT ["llmxray"]
CMD ["--help"]
