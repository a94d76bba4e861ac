"""`opswarden platform`: features, drift, models and rollouts."""

from __future__ import annotations

import click

from .lazy_group import Entry, LazyGroup

ENTRIES = {
    "check": Entry("platform_models", "Check a version of a model before it is promoted.", "check"),
    "promote": Entry("platform_models", "Make a version the champion, through its checks.", "promote"),
    "rollback": Entry("platform_models", "Give a model back to its last approved champion.", "rollback"),
    "history": Entry("platform_models", "Who moved the alias of a model, when and why.", "history"),
    "confirm": Entry("platform_models", "Whether predictions show the last move of a model.", "confirm"),
    "sign-off": Entry("platform_models", "Sign a version of a model off, with a role that you hold.", "sign_off"),
    "ask": Entry("platform_ask", "Ask about the platform; checks answer, and a model may put it into words."),
    "daily": Entry("platform_daily", "Everything that is watched: what is wrong, and nothing else."),
    "pipelines": Entry("platform_pipelines", "What runs, what failed and why, what will be late; a safe retry."),
    "fraud": Entry("platform_fraud", "Why payments are declined, what comes back of them, and programmes of schemes."),
    "canary": Entry("platform_canary", "Judge a rollout by its numbers; abort it on request.", "canary"),
    "backfill": Entry("platform_backfill", "What feature views lack; write it, chunk by chunk, once."),
    "freshness": Entry("platform_features", "How old the rows are that a feature view serves.", "freshness"),
    "parity": Entry("platform_features", "Whether a feature view serves what its offline side says.", "parity"),
    "skew": Entry("platform_features", "Whether a feature view served what models are trained on.", "skew"),
    "quality": Entry("platform_quality", "Rules of a table learned from its past, and what is wrong with a new day."),
    "drift": Entry("platform_drift", "What drift did to a model, feature by feature, and what to expect of it."),
}


@click.group(
    "platform", cls=LazyGroup, entries=ENTRIES, short_help="Features, drift, models and rollouts of the ML platform."
)
def command() -> None:
    """Look after the ML platform: each check ends with 1 where it says no."""
