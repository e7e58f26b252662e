"""Who sends the requests of `make fuzz-api`, to what, and which answers are right although a check minds them.

FUZZ_ROLE is client, writer or admin: then everything is sent as one of them. Or it is cast: then each operation is sent
by whom it is meant for, on a stage with orders in every state, so that the requests get beyond 403 and 404.
"""

import itertools
import os
import re
import uuid

import requests
import schemathesis

API = os.environ["FUZZ_URL"] + "/api/v1"
ROLE = os.environ["FUZZ_ROLE"]
PASSWORD = "DemoPass123!"

# ---- Who ----

WRITERS = {
    "listAvailableOrders", "listBids", "placeBid", "updateBid", "withdrawBid", "confirmBid", "acceptCounterOffer",
    "rejectCounterOffer", "declineInvitation", "requestWithdrawal", "listWithdrawals", "getWithdrawal",
    "cancelWithdrawal",
}  # fmt: skip
# After these an account is not what it was, so each has one to itself.
LEAVING = {"logout", "changePassword", "putOwnRecord", "patchOwnRecord", "deactivateOwnAccount"}
REPORT = {"progress", "milestone_id", "status"}

accounts = {}


def operation_id(operation):
    return operation.definition.raw.get("operationId", "")


def sender(case, context):
    """The name of the account that sends a request; its first word is the role."""
    name = operation_id(context.operation)
    if name in LEAVING:
        return f"{ROLE if ROLE in ('client', 'writer') else 'client'} {name}"
    if ROLE != "cast":
        return ROLE
    if "/admin/" in context.operation.path:
        return "admin"
    if name == "updateOrder" and isinstance(case.body, dict) and case.body.keys() <= REPORT:
        return "writer"
    return "writer" if name in WRITERS else "client"


def log_in(name):
    """An access token of an account, which is made if it is not there, or not any more."""
    role = name.split()[0]
    email = "admin@demo.test" if role == "admin" else accounts.get(name)
    if email:
        answer = requests.post(f"{API}/auth/login", json={"email": email, "password": PASSWORD}, timeout=30)
        if answer.ok:
            return answer.json()["data"]["access_token"]
    email = f"{uuid.uuid4()}@fuzz.test"
    account = {"email": email, "password": PASSWORD, "full_name": f"Fuzzing {role}", "role": role}
    answer = requests.post(f"{API}/auth/register", json=account, timeout=30)
    answer.raise_for_status()
    accounts[name] = email
    return answer.json()["data"]["access_token"]


@schemathesis.auth(cache_by_key=sender, refresh_interval=600)
class Login:
    """An access token. After a 401 another one is asked for."""

    def get(self, case, context):
        if ROLE == "cast" and not accounts:
            set_the_stage()
        return log_in(sender(case, context))

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


# ---- To what ----

DEADLINE = "2045-01-01T00:00:00Z"
ORDERS = 36
# What else the stage has, by the part of a path that names it.
NAMES = {"proposal_id": [], "dispute_id": []}
# Whom an administrator may block, and whom clients invite; their ids.
somebody = writer = str(uuid.uuid4())


def set_the_stage():
    """Orders ORD-001 and following with their bids, each left at another point of the story."""
    global somebody, writer
    tokens = {name: log_in(name) for name in ("client", "writer")}

    def call(who, method, path, body=None):
        answer = requests.request(
            method, API + path, json=body, headers={"Authorization": f"Bearer {tokens[who]}"}, timeout=30
        )
        answer.raise_for_status()
        return answer.json()["data"]

    tokens["somebody"] = log_in("client somebody")
    somebody = call("somebody", "GET", "/auth/me")["user"]["id"]
    writer = call("writer", "GET", "/auth/me")["user"]["id"]
    call("client", "POST", "/payments/deposits", {"amount": 50_000})
    milestones = [{"title": f"Step {step}", "due_date": DEADLINE} for step in (1, 2)]
    order = {"title": "A paper", "subject": "Business", "type": "Paper", "description": "About a plan",
             "deadline": DEADLINE, "budget": 100, "milestones": milestones}  # fmt: skip
    for number in range(ORDERS):
        steps = number % 12
        invited = {"invited_writers": [writer]} if steps == 0 else {}
        name = call("client", "POST", "/orders", order | invited)["order"]["id"]
        if steps >= 1:
            bid = call("writer", "POST", f"/orders/{name}/bids", {"bid_amount": 90, "message": "Gladly"})["bid"]["id"]
        if steps == 2:
            call("client", "POST", f"/bids/{bid}/counter", {"bid_amount": 80})
        if steps == 3:
            call("client", "PATCH", f"/orders/{name}", {"budget": 120})
        if steps >= 4:
            call("client", "POST", f"/bids/{bid}/accept")
        if steps == 9:
            terms = {"kind": "cancellation", "amount": 20}
            proposal = call("writer", "POST", f"/orders/{name}/proposals", terms)["proposal"]["id"]
            NAMES["proposal_id"].append(proposal)
        if steps >= 10:
            terms = {"order_id": name, "milestone_id": 1, "reason": "It is late", "to_provider": 0}
            dispute = call("client", "POST", "/disputes", terms)["dispute"]["id"]
            call("writer", "POST", f"/disputes/{dispute}/offers", {"to_provider": 30})
            NAMES["dispute_id"].append(dispute)
        if steps == 11:
            call("client", "POST", f"/disputes/{dispute}/escalate")
        if steps >= 9:
            continue
        if steps >= 5:
            call("writer", "PATCH", f"/orders/{name}", {"milestone_id": 1, "status": "submitted"})
        if steps >= 6:
            call("client", "POST", f"/orders/{name}/milestones/1/approve")
        if steps == 7:
            account = {"amount": 10, "method": "paypal", "account_details": {"email": "writer@fuzz.test"}}
            call("writer", "POST", "/withdrawals", account)
        if steps == 8:
            call("writer", "PATCH", f"/orders/{name}", {"milestone_id": 2, "status": "submitted"})
            call("client", "POST", f"/orders/{name}/milestones/2/approve")


counter = itertools.count()


def existing(name, most):
    """The names that are taken, in turn. Every tenth stays as it is."""
    prefix, number = str(name).split("-")[0], next(counter)
    return name if number % 10 == 9 else f"{prefix}-{1 + number % most:03}"


def later(value):
    """The same body with its moments in the future, in which due dates are before deadlines."""
    if isinstance(value, list):
        return [later(item) for item in value]
    if not isinstance(value, dict):
        return value
    body = {key: later(item) for key, item in value.items()}
    for key, year in (("deadline", 2060), ("proposed_deadline", 2050), ("due_date", 2040)):
        if isinstance(body.get(key), str):
            body[key] = f"{year + int(body[key][3]) % 5}{body[key][4:]}".replace("-02-29", "-02-28")
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    """Leads what fits its schema to things that are there, and to moments that are still to come."""
    if ROLE != "cast" or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    segments = case.path_parameters or {}
    for key in ("order_id", "bid_id"):
        if key in segments:
            segments[key] = existing(segments[key], ORDERS)
    for key, names in NAMES.items():
        if key in segments and next(counter) % 10:
            segments[key] = names[next(counter) % len(names)]
    if "number" in segments:
        segments["number"] = 1 + next(counter) % 3
    if "/withdrawals/" in case.path:
        segments["id"] = existing(segments["id"], 6)
    if "/admin/users/" in case.path:
        segments["id"] = somebody
    if "milestone_id" in segments:
        segments["milestone_id"] = 1 + next(counter) % 3
    # The same key for all of them would only show once what it leads to.
    if case.headers and "Idempotency-Key" in case.headers and next(counter) % 4:
        case.headers["Idempotency-Key"] = str(uuid.UUID(int=next(counter)))
    # Neither made-up cursors nor the versions that the examples name lead anywhere.
    if case.query and "cursor" in case.query and next(counter) % 4:
        del case.query["cursor"]
    if case.headers and "If-Match" in case.headers and next(counter) % 4:
        del case.headers["If-Match"]
    if isinstance(case.body, dict):
        body = later(case.body)
        # What only a provider may say and what only a client may say does not go together.
        if operation_id(case.operation) == "updateOrder" and not body.keys() <= REPORT:
            body = {key: value for key, value in body.items() if key not in REPORT}
        if "writer_id" in body:
            body["writer_id"] = writer
        if "invited_writers" in body:
            body["invited_writers"] = [writer]
        if operation_id(case.operation) == "register" and next(counter) % 4:
            body["email"] = f"{next(counter)}@fuzz.test"
        case.body = body


# ---- Right all the same ----

ANY = ".*"
# Operation, field, message; the reason. Only for requests that fit their schema and are 400.
REFUSALS = [
    # Which characters control writing, or cannot be seen, takes classes of Unicode that patterns of JSON Schema do not
    # have everywhere. The description says it once for all texts, under "Requests".
    (ANY, ANY, "must not contain control characters|must contain a visible character"),
    # Texts are trimmed first, and what is left of blanks is empty.
    (ANY, ANY, "must not be empty"),
    # A message has words, files, or both; so has evidence.
    ("sendMessage|addEvidence", "content|text", "must not be empty unless files are attached"),
    # JSON Schema takes 1.0 for a whole number; we read digits. The description says so, under "Values".
    (ANY, "pages|revision|rating|progress|milestone_id", "must be a whole number"),
    # The grammar of RFC 9110, which the description names; the tool cannot make values from a pattern of it.
    ("updateOrder|updateBid", "If-Match", r"must be \* or a list of entity tags such as .*"),
    # A cursor is one of the very list, and no schema knows which were handed out.
    ("list.*", "cursor", "is not a cursor of this list|must not be given together with page"),
    ("listAvailableOrders", "max_budget", "must not be below min_budget"),
    # The same word in another way of writing is the same word.
    ("updateProfile", r"(languages|specializations)\[\d+\]", "is in the list already"),
    # Schemas count characters, the limits of passwords are bytes; and no schema has the list of common ones.
    # Two fields that need each other, or only go with some value of the other.
    ("putOwnRecord|patchOwnRecord", "current_password", "is needed to change the e-mail address"),
    ("updateOrder", "status|milestone_id", "is required together with (status|milestone_id)"),
    ("createProposal", "amount|milestone_id", "(must not be given|is required) for a proposal of this kind"),
    (
        "register|changePassword",
        "password|new_password",
        "must have at least 8 characters|must have at most 72 bytes|must not contain a NUL character|"
        "is among the most common passwords.*|must not be the e-mail address",
    ),
    # Binding words of the source document: these two are 400.
    ("register|putOwnRecord|patchOwnRecord", "email", "Email already exists"),
    ("changePassword|putOwnRecord|patchOwnRecord", "old_password|current_password", "is not the present password"),
    # Who may set what depends on the caller's role, which no schema knows.
    ("updateOrder", ANY, "may not be set by a (client|provider)"),
]


UPLOADS = {"uploadFile", "setAvatar"}


def is_a_form_with_a_file(response):
    """Whether just one file was sent. What the tool changes in bytes to make them wrong, it does not always send."""
    body = response.request.body or b""
    return body.count(b"Content-Disposition:") == 1 and b'name="file"; filename=' in body


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether a failure is one."""
    if type(failure).__name__ == "AcceptedNegativeData" and operation_id(case.operation) in UPLOADS:
        return not is_a_form_with_a_file(response)
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
        return True
    name = operation_id(case.operation)
    errors = response.json()["error"]["details"].get("errors", [])
    return not errors or not all(
        any(all(map(re.fullmatch, row, (name, error["field"], error["message"]))) for row in REFUSALS)
        for error in errors
    )
