# mailbot in a container: built in one stage, run in another by an ordinary user; the site is a volume.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY tools tools
COPY mailbot mailbot
COPY rules rules
COPY templates templates
COPY schemas schemas
COPY docs/huong-dan.md docs/huong-dan.md
RUN tools/install.sh /opt/mailbot --wheel

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /site --shell /usr/sbin/nologin mailbot \
    && mkdir /site \
    && chown mailbot:mailbot /site
COPY --from=build /opt/mailbot /opt/mailbot
ENV PATH=/opt/mailbot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MAILBOT_SITE=/site
USER 10001
VOLUME /site
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s CMD ["mailbot", "health"]
ENTRYPOINT ["mailbot"]
CMD ["run"]
