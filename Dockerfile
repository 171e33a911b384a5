# The same steps as `make serve`: set-up and static files at build time, the rest at the start.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/vernetzt
# Dependencies first: they change less often than the code.
COPY Makefile requirements.txt ./
RUN make .venv/.installed
COPY . .
# Collecting needs production settings, but nothing of them ends up in the files.
RUN make setup && DJANGO_ENV=production ALLOWED_HOSTS=build.invalid DATABASE_URL=sqlite:/// \
      EMAIL_URL=smtp://build.invalid SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
      make collect \
    && rm -rf build/atlas && .venv/bin/python -m compileall -q .

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin vernetzt
WORKDIR /srv/vernetzt
# The files belong to root: the running program cannot change itself.
COPY --from=build /srv/vernetzt .
# Only what people upload is its own; a new volume takes the owner from here.
RUN install --directory --owner vernetzt --mode 700 var/files
USER vernetzt
# Within the container every address; outside, compose.yaml opens it on the loopback only.
ENV PYTHONDONTWRITEBYTECODE=1 DJANGO_ENV=production HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
  CMD ["python", "tools/healthcheck.py"]
CMD ["make", "--no-print-directory", "start"]
