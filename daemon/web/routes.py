"""Every address that is served, with who may call it. What is not in this table is not served."""

from __future__ import annotations

from typing import Final

from daemon.explain_views import IncidentWhy, MomentView
from daemon.oncall.views import SilenceView
from daemon.report import Report
from daemon.reports.record import IncidentReport
from daemon.reports.sensitivity import Sensitivity
from daemon.web import api, checking, desk, oncall, openapi, pages, probes, reports, schemas, signing, statics
from daemon.web.auth import Access
from daemon.web.bodies import ACTIONS, FORMS, AnswerBody, CorrectBody, FactBody, LintBody
from daemon.web.intake import post_mentions
from daemon.web.interface import SPOKEN
from daemon.web.routing import Doc, Query, Route
from daemon.web.routing import call as _call
from daemon.web.routing import page as _page

_ID: Final = f"{{id:{api.INCIDENT_ID}}}"
_SILENCE: Final = "{silence:[a-z0-9_-]{1,90}}"
_BRAND: Final = f"{{brand:{api.SLUG}}}"

_TIME = {"type": "string", "format": "date-time"}
_SPOKEN = {"type": "string", "enum": list(SPOKEN)}
_COUNT = {"type": "integer", "minimum": 1, "default": 50}
_PERIOD = (
    Query("from", "first moment, with an offset", _TIME),
    Query("to", "first moment after it; default: now", _TIME),
)
_ACTION_WORDS: Final = {
    "acknowledge": "I have it: nothing escalates any more",
    "assign": "Name who works on it",
    "snooze": "Pause it for a while",
    "escalate": "Call the next step now",
    "update": "The public was told something",
    "note": "A remark for colleagues",
    "approve": "The second person agrees to an update that apologises or compensates",
    "keep-promise": "The public has the word that it was promised next",
    "resolve": "It is over",
    "false-alarm": "It never was one",
    "reopen": "It is not over after all",
}

API_ROUTES: Final[tuple[Route, ...]] = (
    _call(
        "POST",
        "/api/v1/mentions",
        post_mentions,
        Access.INGEST,
        Doc(
            summary="Take mentions in: one object, an array, or NDJSON",
            body=schemas.MentionBody | list[schemas.MentionBody],
            also_bodies=("application/x-ndjson",),
            returns=schemas.MentionsTaken,
            status=202,
            errors=(413, 415, 503),
        ),
    ),
    _call(
        "GET",
        "/api/v1/brands",
        api.get_brands,
        Access.VIEWER,
        Doc(summary="Every brand with its state", returns=schemas.Brands),
    ),
    _call(
        "GET",
        f"/api/v1/brands/{_BRAND}/series",
        api.get_series,
        Access.VIEWER,
        Doc(
            summary="A brand over time",
            returns=schemas.Series,
            query=(*_PERIOD, Query("step", f"whole minutes such as 5m; at most {api.MOST_POINTS} steps")),
            errors=(404, 422),
        ),
    ),
    _call(
        "GET",
        f"/api/v1/brands/{_BRAND}/explain",
        api.explain_moment,
        Access.VIEWER,
        Doc(
            summary="Why a brand did, or did not, alert at a time",
            returns=MomentView,
            query=(Query("at", "a time that has passed, with an offset", _TIME),),
            errors=(404, 422),
        ),
    ),
    _call(
        "GET",
        "/api/v1/incidents",
        api.get_incidents,
        Access.VIEWER,
        Doc(
            summary="Incidents, newest first",
            returns=schemas.IncidentList,
            query=(
                Query("brand", "only of this brand"),
                Query("state", "only in this state", {"type": "string", "enum": list(api.STATES)}),
                Query("limit", "how many; at most 500", _COUNT),
                Query("before", "id of the last incident already seen"),
            ),
            errors=(404, 422),
        ),
    ),
    _call(
        "GET",
        f"/api/v1/incidents/{_ID}",
        api.get_incident,
        Access.VIEWER,
        Doc(summary="One incident", returns=schemas.IncidentView, errors=(404,)),
    ),
    _call(
        "GET",
        f"/api/v1/incidents/{_ID}/explain",
        api.explain_incident,
        Access.VIEWER,
        Doc(summary="Why it is an incident, and what would close it", returns=IncidentWhy, errors=(404,)),
    ),
    _call(
        "GET",
        f"/api/v1/incidents/{_ID}/timeline",
        api.get_timeline,
        Access.VIEWER,
        Doc(
            summary="Every event of an incident in order",
            returns=schemas.Timeline,
            also_returns=("text/csv", "text/markdown"),
            query=(Query("format", "a table to keep", {"type": "string", "enum": ["json", "csv", "md"]}),),
            errors=(404, 422),
        ),
    ),
    _call(
        "GET",
        f"/api/v1/incidents/{_ID}/facts",
        desk.get_facts,
        Access.VIEWER,
        Doc(summary="The fact sheet of an incident", returns=schemas.FactSheet, errors=(404,)),
    ),
    _call(
        "POST",
        f"/api/v1/incidents/{_ID}/facts",
        desk.post_fact,
        Access.RESPONDER,
        Doc(
            summary="Write a fact down, or replace one",
            body=FactBody,
            returns=schemas.FactSheet,
            errors=(404, 409, 413, 422),
        ),
    ),
    _call(
        "POST",
        f"/api/v1/incidents/{_ID}/answer",
        desk.post_answer,
        Access.VIEWER,
        Doc(
            summary="Holding replies for one customer, by language and form of address",
            body=AnswerBody,
            returns=schemas.Answers,
            errors=(404, 413, 422),
        ),
    ),
    _call(
        "GET",
        f"/api/v1/incidents/{_ID}/handover",
        desk.get_handover,
        Access.VIEWER,
        Doc(
            summary="The note for the next shift",
            also_returns=("text/markdown",),
            query=(Query("lang", "of its words; facts and posted texts stand as written", _SPOKEN),),
            errors=(404, 422),
        ),
    ),
    _call(
        "GET",
        f"/api/v1/incidents/{_ID}/report",
        reports.get_incident_report,
        Access.VIEWER,
        Doc(
            summary="The report of an incident: figures, what was said, what hid or delayed it",
            returns=IncidentReport,
            also_returns=("text/markdown", "text/html", "text/csv"),
            query=(Query("format", "a file to keep", {"type": "string", "enum": list(reports.FORMATS)}),),
            errors=(404, 422),
        ),
    ),
    _call(
        "POST",
        "/api/v1/lint",
        desk.post_lint,
        Access.VIEWER,
        Doc(
            summary="Say whether a reply is fit to post",
            body=LintBody,
            returns=schemas.LintView,
            errors=(404, 413, 422),
        ),
    ),
    *(
        _call(
            "POST",
            f"/api/v1/incidents/{_ID}/{action}",
            api.acting(action),
            Access.RESPONDER,
            Doc(summary=_ACTION_WORDS[action], body=body, returns=schemas.IncidentView, errors=(404, 409, 413, 422)),
        )
        for action, body in ACTIONS.items()
    ),
    _call(
        "POST",
        f"/api/v1/mentions/{_BRAND}/{{id}}/correct",
        checking.post_correction,
        Access.RESPONDER,
        Doc(
            summary="Correct the sentiment of a mention",
            body=CorrectBody,
            returns=schemas.CorrectionView,
            errors=(404, 413, 422),
        ),
    ),
    _call(
        "GET",
        f"/api/v1/brands/{_BRAND}/sample",
        checking.get_sample,
        Access.VIEWER,
        Doc(
            summary="Mentions that nobody flagged, for checking",
            returns=schemas.SampleView,
            query=(Query("limit", "how many; at most 500", _COUNT),),
            errors=(404, 422),
        ),
    ),
    _call(
        "GET",
        "/api/v1/rejected",
        api.get_rejected,
        Access.VIEWER,
        Doc(
            summary="Kept rejections, newest first",
            returns=schemas.RejectedList,
            query=(
                Query("limit", "how many; at most 500", _COUNT),
                Query("before", "id of the last rejection already seen"),
            ),
            errors=(422,),
        ),
    ),
    _call(
        "GET",
        "/api/v1/report",
        reports.get_report,
        Access.VIEWER,
        Doc(
            summary="Figures over a period or a month",
            returns=Report,
            also_returns=("text/markdown", "text/html"),
            query=(
                *_PERIOD,
                Query("month", "such as 2026-10, by the clock of reports.timezone; without from and to"),
                Query("format", "a file to keep", {"type": "string", "enum": list(reports.PERIOD_FORMATS)}),
            ),
            errors=(422,),
        ),
    ),
    _call(
        "GET",
        "/api/v1/sensitivity",
        reports.get_sensitivity,
        Access.VIEWER,
        Doc(
            summary="What other sensitivities would have done, and what that suggests",
            returns=Sensitivity,
            query=(Query("days", "of the past; 7 to 365", {"type": "integer", "default": 90}),),
            errors=(422,),
        ),
    ),
    _call(
        "GET",
        "/api/v1/oncall",
        oncall.get_oncall,
        Access.VIEWER,
        Doc(summary="Who is on call now, and who then", returns=oncall.OnCallView),
    ),
    _call(
        "GET",
        "/api/v1/silences",
        oncall.get_silences,
        Access.VIEWER,
        Doc(summary="When nobody is called, and what that hid", returns=oncall.SilenceList),
    ),
    _call(
        "POST",
        "/api/v1/silences",
        oncall.post_silence,
        Access.RESPONDER,
        Doc(
            summary="Call nobody for a while",
            body=oncall.SilenceBody,
            returns=SilenceView,
            status=201,
            errors=(413, 422),
        ),
    ),
    _call(
        "DELETE",
        f"/api/v1/silences/{_SILENCE}",
        oncall.delete_silence,
        Access.RESPONDER,
        Doc(summary="End a silence now", returns=SilenceView, errors=(404, 409)),
    ),
    _call(
        "POST",
        "/api/v1/drills",
        oncall.post_drill,
        Access.RESPONDER,
        Doc(
            summary="Begin an exercise, in no figure",
            body=oncall.DrillBody,
            returns=schemas.IncidentView,
            status=201,
            errors=(409, 413, 422),
        ),
    ),
    _call(
        "GET",
        "/healthz",
        probes.get_health,
        Access.OPEN,
        Doc(summary="Alive", returns=schemas.HealthView, also_status=(503,)),
    ),
    _call(
        "GET",
        "/readyz",
        probes.get_ready,
        Access.OPEN,
        Doc(summary="Ready", returns=schemas.HealthView, also_status=(503,)),
    ),
    _call("GET", "/metrics", probes.get_metrics, Access.OPEN, Doc(summary="Prometheus", also_returns=("text/plain",))),
    _call("GET", "/openapi.json", openapi.get_openapi, Access.OPEN, Doc(summary="This description", returns=dict)),
)

PAGE_ROUTES: Final[tuple[Route, ...]] = (
    _page("GET", "/", pages.home, Access.VIEWER, "home"),
    _page("GET", "/sign-in", signing.show_sign_in, Access.OPEN, "sign_in"),
    _page("POST", "/sign-in", signing.do_sign_in, Access.OPEN),
    _page("POST", "/sign-out", signing.do_sign_out, Access.OPEN, "sign_out"),
    _page("GET", "/brands", pages.overview, Access.VIEWER, "overview"),
    _page("GET", "/report", pages.report, Access.VIEWER, "report"),
    _page("GET", "/sensitivity", reports.sensitivity, Access.VIEWER, "sensitivity"),
    _page("GET", f"/brands/{_BRAND}/sample", checking.sample_page, Access.VIEWER, "sample"),
    _page("POST", f"/brands/{_BRAND}/correct", checking.correct, Access.RESPONDER, "correct"),
    _page("GET", "/oncall", oncall.page, Access.VIEWER, "oncall"),
    _page("POST", "/oncall/silences", oncall.begin_by_form, Access.RESPONDER, "begin_silence"),
    _page("POST", f"/oncall/silences/{_SILENCE}/end", oncall.end_by_form, Access.RESPONDER, "end_silence"),
    _page("GET", "/incidents", pages.incident_list, Access.VIEWER, "incidents"),
    _page("GET", f"/incidents/{_ID}", pages.incident, Access.VIEWER, "incident"),
    _page("GET", f"/incidents/{_ID}/handover", pages.handover, Access.VIEWER, "handover"),
    _page("GET", f"/incidents/{_ID}/report", reports.incident_report, Access.VIEWER, "incident_report"),
    _page("GET", f"/incidents/{_ID}/chart.svg", pages.chart, Access.VIEWER, "chart"),
    *(
        _page("POST", f"/incidents/{_ID}/{action}", pages.acting(action), Access.RESPONDER, f"do_{action}")
        for action in FORMS
    ),
    _page("GET", "/act/{token}", signing.show_act, Access.SIGNED, "act"),
    _page("POST", "/act/{token}", signing.do_act, Access.SIGNED),
    _page("GET", "/static/{name}", statics.get_static, Access.OPEN, "static"),
)
