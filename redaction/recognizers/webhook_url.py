"""URLs that let whoever knows them post: the part behind the host is the secret, the host stays readable."""

from __future__ import annotations

from ..definition import Anchored, Definition

# Sources: the services' documentation of incoming webhooks and bots.
_ENDPOINTS = "|".join(
    (
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/",
        r"(?:\w{1,16}\.)?discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/",
        r"[\w\-]{1,63}\.webhook\.office\.com/webhookb2/",
        r"outlook\.office(?:365)?\.com/webhook/",
        r"hooks\.zapier\.com/hooks/(?:catch|standard)/",
        r"hook\.[a-z0-9.]{0,12}make\.com/",
        r"maker\.ifttt\.com/(?:trigger/[^\s/]{1,64}/(?:json/)?with/key|use)/",
        r"events\.pagerduty\.com/integration/",
        r"api\.telegram\.org/(?:file/)?bot",
        r"alert\.victorops\.com/integrations/generic/[0-9]{1,12}/alert/",
        r"hc-ping\.com/",
        r"oapi\.dingtalk\.com/robot/send\?access_token=",
        r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=",
        r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/",
        r"chat\.googleapis\.com/v1/spaces/[\w\-]{1,64}/messages\?",
    )
)

WEBHOOK_URL = Definition(
    "SECRET",
    (
        Anchored(
            ("://",),
            after=rf"://(?:{_ENDPOINTS})(?P<value>[A-Za-z0-9_\-/:.@%=&+~]{{8,512}}+)",
        ),
        # Written without a scheme in front.
        Anchored(
            ("hooks.slack.com/",),
            after=r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<value>[A-Za-z0-9/_\-]{20,160}+)",
        ),
    ),
    restorable=False,
    name="webhook_url",
)
