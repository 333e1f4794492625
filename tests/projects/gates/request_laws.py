"""The laws of gate requests as questions in SQL: each asks for the rows that break it, so the right answer is none."""

from projects.gates.rules import REQUEST_MOVES

LAWFUL_MOVES = ", ".join(f"('{before}', '{after}')" for before, after in (("", "draft"), *REQUEST_MOVES))
BARRED_ACTS = ", ".join(
    f"'{verb}'"
    for verb in (
        *("review.saved", "review.finished", "gate_request.waiver_asked", "gate_request.criterion_waived"),
        *("straw_view.given", "motion.put", "vote.cast", "chair_action.taken", "decision.made", "motion.carried"),
        *("delegated.proposed", "delegated.signed", "board.confirmed"),
    )
)
INTERESTED = """
    SELECT initiative_id, user_id AS person, since, until FROM projects_participation
    UNION ALL
    SELECT initiative_id, manager_id, since, until FROM projects_participation
    WHERE manager_id IS NOT NULL AND part IN ('business_owner', 'technical_owner', 'budget_owner')
"""

LAWS = {
    "no stage or condition moves without its decision": """
        SELECT move.field, move.before, move.after FROM projects_stagemove move
        LEFT JOIN council_decision decision
            ON decision.reference = move.decision_reference AND decision.initiative_id = move.initiative_id
        WHERE decision.id IS NULL
            AND NOT (move.field = 'condition' AND move.after = 'closed' AND move.reason <> '' AND NOT EXISTS (
                SELECT 1 FROM projects_tranche t WHERE t.initiative_id = move.initiative_id))
    """,
    "a stage moves only by what its decision says": """
        SELECT move.before, move.after, decision.outcome FROM projects_stagemove move
        JOIN council_decision decision ON decision.reference = move.decision_reference
        WHERE move.field = 'stage' AND NOT (
            decision.outcome IN ('go', 'go_with_conditions')
                AND (move.before, move.after) IN
                    (('concept', 'mvp'), ('mvp', 'pilot'), ('pilot', 'launch'), ('launch', 'scale'))
            OR decision.outcome = 'sunset' AND move.after = 'sunset')
    """,
    "an initiative stands where its last move left it": """
        SELECT key, stage, condition FROM projects_initiative i
        WHERE (stage, condition) <> (
            coalesce((SELECT after FROM projects_stagemove WHERE initiative_id = i.id AND field = 'stage'
                ORDER BY id DESC LIMIT 1), 'concept'),
            coalesce((SELECT after FROM projects_stagemove WHERE initiative_id = i.id AND field = 'condition'
                ORDER BY id DESC LIMIT 1), 'active'))
    """,
    "a decided request and its decision say the same": """
        SELECT r.key, r.state, d.reference FROM projects_gaterequest r
        FULL JOIN council_decision d ON d.gate_request_key = r.key
        WHERE (r.state = 'decided' OR d.gate_request_key <> '')
            AND (r.state, r.outcome, r.decision_reference, r.initiative_id)
                IS DISTINCT FROM ('decided', d.outcome, d.reference, d.initiative_id)
    """,
    "every move of a request is lawful": f"""
        SELECT request_id, before, after FROM projects_requestmove
        WHERE (before, after) NOT IN (VALUES {LAWFUL_MOVES})
    """,
    "each move begins where the one before it ended": """
        SELECT * FROM (
            SELECT request_id, before, after, lag(after, 1, '') OVER (PARTITION BY request_id ORDER BY id) AS stood
            FROM projects_requestmove) moves
        WHERE before <> stood
    """,
    "a request stands where its last move left it": """
        SELECT key, state FROM projects_gaterequest r
        WHERE state <> (SELECT after FROM projects_requestmove WHERE request_id = r.id ORDER BY id DESC LIMIT 1)
    """,
    "nobody judges, waives, votes on or decides their own": f"""
        SELECT event.verb, event.actor_name FROM projects_auditevent event JOIN ({INTERESTED}) interested
            ON interested.person = event.actor_id AND interested.since <= event.at
        WHERE event.verb IN ({BARRED_ACTS})
    """,
    "a waiver has two signatures of different people, a reason and an end": """
        SELECT id FROM projects_criterionproof
        WHERE state = 'waived' AND (waived_second_by_id IS NULL OR waived_by_id IS NULL OR waived_until IS NULL
            OR waived_by_id = waived_second_by_id OR waiver_reason = '')
    """,
    "only the chairs withdraw what a frozen pack holds, or a review that came due": """
        SELECT r.key FROM projects_gaterequest r
        JOIN projects_requestmove move ON move.request_id = r.id AND move.after = 'withdrawn'
        WHERE (r.pack_frozen_at IS NOT NULL OR r.due_on IS NOT NULL) AND NOT EXISTS (
            SELECT 1 FROM council_seatterm term JOIN council_seat seat ON seat.id = term.seat_id
            WHERE term.user_id = move.moved_by_id AND (seat.is_chair OR seat.is_deputy_chair))
    """,
    "each submission froze its inputs once": """
        SELECT key, round FROM projects_gaterequest r
        WHERE round <> (SELECT count(*) FROM projects_frozeninputs f WHERE f.request_id = r.id)
            OR round <> (SELECT count(*) FROM projects_requestmove m WHERE m.request_id = r.id AND m.after = 'submitted')
    """,
    "an initiative asks for one milestone at a time": """
        SELECT initiative_id FROM projects_gaterequest
        WHERE kind IN ('advance', 'stay') AND state NOT IN ('decided', 'withdrawn')
        GROUP BY initiative_id HAVING count(*) > 1
    """,
    "the ask for money is open exactly while it is with the council": """
        SELECT r.key, r.state, f.state FROM projects_gaterequest r
        JOIN projects_fundingrequest f ON f.request_key = r.key
        WHERE f.state <> CASE WHEN r.state IN ('draft', 'returned') THEN 'draft'
            WHEN r.state IN ('decided', 'withdrawn') THEN r.state ELSE 'open' END
    """,
    "money is given by decisions alone": """
        SELECT t.id FROM projects_tranche t
        WHERE NOT EXISTS (SELECT 1 FROM council_decision d WHERE d.reference = t.decision_reference)
    """,
    "a review is given by whom it was asked of, in its own round, and its verdicts are whole": """
        SELECT review.id FROM projects_review review JOIN projects_gaterequest r ON r.id = review.request_id
        WHERE review.round > r.round
            OR review.state = 'submitted' AND (review.finished_at IS NULL OR review.recommendation = '' OR NOT EXISTS (
                SELECT 1 FROM projects_auditevent e WHERE e.verb = 'review.finished'
                    AND e.target_id = review.id::text AND e.actor_id = review.reviewer_id))
            OR review.state = 'open' AND EXISTS (SELECT 1 FROM projects_verdict v WHERE v.review_id = review.id)
    """,
    "one review a topic lives in a round": """
        SELECT request_id, round, topic FROM projects_review WHERE state IN ('open', 'submitted')
        GROUP BY request_id, round, topic HAVING count(*) > 1
    """,
    "what waits for the council has a route and was found ready": """
        SELECT key FROM projects_gaterequest
        WHERE state IN ('ready', 'on_agenda', 'with_board') AND (ready_at IS NULL OR route <> 'council')
    """,
}

# How many rows break each law, all in one question.
COUNTS = " UNION ALL ".join(f"SELECT '{law}', count(*) FROM ({sql}) broken" for law, sql in LAWS.items())

FOUND_READY = "SELECT id, request_id FROM projects_requestmove WHERE after = 'ready' AND before = 'expert_review'"

# What was frozen, decided, voted or judged, as one fingerprint a row: once written it never reads differently.
KEPT = """
    SELECT 'inputs', id, md5(f::text) FROM projects_frozeninputs f
    UNION ALL SELECT 'decision', id, md5(d::text) FROM council_decision d
    UNION ALL SELECT 'vote', id, md5(v::text) FROM council_vote v
    UNION ALL SELECT 'verdict', id, md5(v::text) FROM projects_verdict v
    UNION ALL SELECT 'move', id, md5(m::text) FROM projects_requestmove m
    UNION ALL SELECT 'stage', id, md5(s::text) FROM projects_stagemove s
"""

# All that a refused act must leave as it was.
WRITTEN = " UNION ALL ".join(
    f"SELECT '{table}', count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t.id)), '') FROM {table} t"
    for table in (
        *("projects_initiative", "projects_stagemove", "projects_gaterequest", "projects_requestmove"),
        *("projects_criterionproof", "projects_requestsection", "projects_evidencefile", "projects_frozeninputs"),
        *("projects_review", "projects_verdict", "projects_fundingrequest", "projects_tranche", "projects_ledgerline"),
        *("projects_auditevent", "projects_participation", "projects_milestone"),
        *("council_meeting", "council_agendaitem", "council_motion", "council_vote", "council_decision"),
        *("council_proposal", "council_ratification"),
    )
)
