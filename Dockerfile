# Build: docker build -t saathi .        Run: see docker-compose.yml and docs/operations.md
FROM python:3.13-slim AS build
WORKDIR /build
COPY deploy/requirements.lock ./requirements.lock
# Every file must have the hash that was written down when the lock was made.
RUN python -m venv /opt/saathi \
    && /opt/saathi/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY content ./content
COPY scheduler ./scheduler
COPY bot ./bot
RUN /opt/saathi/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
    && /opt/saathi/bin/pip uninstall --yes setuptools pip

FROM python:3.13-slim
ENV PATH=/opt/saathi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SAATHI_DATA_DIR=/data \
    XDG_CACHE_HOME=/var/cache
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin saathi \
    && install --directory --owner saathi --group saathi --mode 0700 /data /var/cache/saathi
COPY --from=build /opt/saathi /opt/saathi
USER saathi
# What the answers' index learns from the content is kept in the image: a start does not learn it again.
RUN saathi ask "hello" > /dev/null
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["saathi", "health"]
ENTRYPOINT ["saathi"]
CMD ["run"]
