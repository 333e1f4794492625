"""Addresses of the projects' pages."""

from django.urls import URLPattern, URLResolver, path

from projects.common import views as common
from projects.conditions import views as conditions
from projects.funding import views as funding
from projects.gates import section_views as sections
from projects.gates import template_views as standards
from projects.gates import views as gates
from projects.gates import waiver_views as waivers
from projects.guardrails import views as guardrails
from projects.harness import views as harness
from projects.initiatives import join_views as joins
from projects.initiatives import views as initiatives
from projects.intake import import_views as portfolio
from projects.intake import views as intake
from projects.jobs import views as jobs
from projects.milestones import views as milestones
from projects.people import kept
from projects.prices import views as prices
from projects.quality import views as quality
from projects.reviews import views as reviews
from projects.rulebook import inbox_views as inbox
from projects.rulebook import tag_views as tags
from projects.rulebook import views as rulebook
from projects.showback import views as statements
from projects.spend import estimate_views as estimates
from projects.spend import explorer_views as explorer
from projects.spend import period_views as periods
from projects.spend import rate_views as rates
from projects.spend import views as spend
from projects.sunsets import views as sunsets
from projects.tokens import views as tokens
from projects.trail import views as trail
from projects.usage import views as usage
from projects.value import claim_views as claims
from projects.value import outcome_views as outcome_costs
from projects.value import views as value
from projects.wallets import views as wallets

app_name = "projects"
urlpatterns: list[URLPattern | URLResolver] = [
    path("about/", common.about, name="about"),
    path("kept/", kept.kept, name="kept"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="token-revoke"),
    path("setup/components/", common.components, name="components"),
    path("setup/templates/", standards.templates, name="templates"),
    path("setup/templates/draft/", standards.draft, name="template-draft"),
    path("setup/templates/<int:version>/", standards.template, name="template"),
    path("setup/templates/<int:version>/criteria/new/", standards.criterion, name="template-criterion-new"),
    path("setup/templates/<int:version>/criteria/<int:criterion_id>/", standards.criterion, name="template-criterion"),
    path("setup/templates/<int:version>/criteria/<int:criterion_id>/remove/", standards.remove, name="template-remove"),
    path("setup/templates/<int:version>/<slug:act>/", standards.act, name="template-act"),
    path("portfolio/import/", portfolio.imports, name="portfolio-import"),
    path("portfolio/import/uploads/<int:upload_id>/", portfolio.upload, name="portfolio-upload"),
    path("portfolio/import/uploads/<int:upload_id>/propose/", portfolio.propose, name="portfolio-propose"),
    path("portfolio/import/uploads/<int:upload_id>/start/", portfolio.start, name="portfolio-start"),
    path("portfolio/import/uploads/<int:upload_id>/discard/", portfolio.discard, name="portfolio-discard"),
    path("portfolio/import/uploads/<int:upload_id>/refusals.csv", portfolio.refusals, name="portfolio-refusals"),
    path("portfolio/import/<str:key>/", portfolio.imported, name="portfolio-imported"),
    path("portfolio/import/<str:key>/refusals.csv", portfolio.imported_refusals, name="portfolio-imported-refusals"),
    path("spend/rules/", rulebook.rules, name="rules"),
    path("spend/rules/new/", rulebook.new, name="rule-new"),
    path("spend/rules/purposes/new/", rulebook.new_purpose, name="purpose-rule-new"),
    path("spend/rules/tags/", tags.tags, name="tags"),
    path("spend/rules/tags/keys/", tags.keep_key, name="tag-key"),
    path("spend/rules/tags/keys/<int:key_id>/end/", tags.end_key, name="tag-key-end"),
    path("spend/rules/tags/names/", tags.keep_alias, name="tag-alias"),
    path("spend/rules/tags/names/<int:alias_id>/end/", tags.end_alias, name="tag-alias-end"),
    path("spend/rules/changes/<int:change_id>/", rulebook.change, name="rule-change"),
    path("spend/rules/changes/<int:change_id>/keep/", rulebook.keep, name="rule-change-keep"),
    path("spend/rules/changes/<int:change_id>/withdraw/", rulebook.withdraw, name="rule-change-withdraw"),
    path("spend/rules/<int:number>/", rulebook.rule, name="rule"),
    path("spend/rules/<int:number>/<slug:act>/", rulebook.act, name="rule-act"),
    path("spend/prices/", prices.prices, name="prices"),
    path("spend/prices/own/", prices.own_prices, name="own-prices"),
    path("spend/prices/own/propose/", prices.propose, name="own-price-propose"),
    path("spend/prices/own/<int:override_id>/approve/", prices.approve, name="own-price-approve"),
    path("spend/prices/own/<int:override_id>/withdraw/", prices.withdraw, name="own-price-withdraw"),
    path("spend/prices/own/<int:override_id>/end/", prices.end, name="own-price-end"),
    path("spend/prices/catalogue/", prices.catalogue, name="catalogue"),
    path("spend/prices/catalogue/keep/", prices.keep, name="catalogue-keep"),
    path("spend/prices/in-use/", usage.usage, name="usage"),
    path("jobs/<int:job_id>/", jobs.job, name="job"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="job-retry"),
    path("initiatives/new/", intake.register, name="initiative-new"),
    path("initiatives/new/alike/", intake.alike, name="initiative-alike"),
    path("initiatives/<str:key>/close/", intake.close, name="initiative-close"),
    path("initiatives/<str:key>/join/", joins.join, name="initiative-join"),
    path("initiatives/<str:key>/joins/<int:join_id>/answer/", joins.answer, name="initiative-join-answer"),
    path("initiatives/<str:key>/sunset/", sunsets.sunset, name="initiative-sunset"),
    path("initiatives/<str:key>/sunset/<int:criterion_id>/retire/", sunsets.retire, name="initiative-sunset-retire"),
    path("initiatives/<str:key>/people/", initiatives.people, name="initiative-people"),
    path("initiatives/<str:key>/people/<slug:act>/", initiatives.act, name="initiative-people-act"),
    path("requests/", gates.requests, name="requests"),
    path("requests/new/", gates.new, name="request-new"),
    path("requests/new/<str:key>/", gates.new_for, name="request-new-for"),
    path("requests/<str:key>/", gates.show, name="request"),
    path("requests/<str:key>/check/", gates.check, name="request-check"),
    path("requests/<str:key>/submit/", gates.submit, name="request-submit"),
    path("requests/<str:key>/sent/", gates.sent, name="request-sent"),
    path("requests/<str:key>/withdraw/", gates.withdraw_request, name="request-withdraw"),
    path("requests/<str:key>/check-again/", gates.check_again, name="request-check-again"),
    path("requests/<str:key>/evidence/", gates.add_evidence, name="request-evidence"),
    path("requests/<str:key>/files/<int:file_id>/", gates.evidence, name="request-file"),
    path("requests/<str:key>/waive/", waivers.waive, name="request-waive"),
    path("requests/<str:key>/waivers/<int:proof_id>/confirm/", waivers.confirm, name="request-waiver-confirm"),
    path("requests/<str:key>/kpis/", sections.add_kpi, name="request-kpis"),
    path("requests/<str:key>/<slug:code>/", sections.section, name="request-section"),
    path("requests/<str:key>/<slug:code>/keep/", sections.keep, name="request-section-keep"),
    path("reviews/", reviews.queue, name="reviews"),
    path("reviews/<str:key>/", reviews.review, name="review"),
    path("reviews/<str:key>/finish/", reviews.finish, name="review-finish"),
    path("reviews/<str:key>/conflict/", reviews.conflict, name="review-conflict"),
    path("funding/", funding.queue, name="money"),
    path("funding/envelopes/", funding.envelopes, name="envelopes"),
    path("funding/envelopes/<int:envelope_id>/", funding.envelope, name="envelope"),
    path("initiatives/<str:key>/tranches/<int:number>/", funding.tranche, name="tranche"),
    path("initiatives/<str:key>/tranches/<int:number>/release/", funding.release, name="tranche-release"),
    path("initiatives/<str:key>/tranches/<int:number>/freeze/", funding.freeze, name="tranche-freeze"),
    path("initiatives/<str:key>/tranches/<int:number>/lift/", funding.lift, name="tranche-lift"),
    path("initiatives/<str:key>/milestones/plan/", milestones.plan, name="milestone-plan"),
    path("initiatives/<str:key>/milestones/<int:sequence>/", milestones.milestone, name="milestone"),
    path("initiatives/<str:key>/milestones/<int:sequence>/<slug:act>/", milestones.act, name="milestone-act"),
    path("initiatives/<str:key>/conditions/<int:number>/", conditions.condition, name="condition"),
    path("initiatives/<str:key>/conditions/<int:number>/<slug:act>/", conditions.act, name="condition-act"),
    path("initiatives/<str:key>/quality/", quality.gates, name="quality"),
    path("initiatives/<str:key>/quality/file/", quality.deliver, name="quality-file"),
    path("initiatives/<str:key>/quality/<int:gate_id>/reading/", quality.reading, name="quality-reading"),
    path("initiatives/<str:key>/quality/readings/<int:reading_id>/verify/", quality.verify, name="quality-verify"),
    path("initiatives/<str:key>/kpis/new/", value.new_card, name="kpi-new"),
    path("initiatives/<str:key>/kpis/file/", value.deliver, name="kpi-file"),
    path("initiatives/<str:key>/kpis/<int:card_id>/", value.card, name="kpi"),
    path("initiatives/<str:key>/kpis/<int:card_id>/edit/", value.edit_card, name="kpi-edit"),
    path("initiatives/<str:key>/kpis/<int:card_id>/reading/", value.reading, name="kpi-reading"),
    path("initiatives/<str:key>/kpis/<int:card_id>/readings/<int:reading_id>/verify/", value.verify, name="kpi-verify"),
    path("initiatives/<str:key>/guardrails/<slug:code>/", guardrails.guardrail, name="guardrail"),
    path("initiatives/<str:key>/guardrails/<slug:code>/<slug:act>/", guardrails.act, name="guardrail-act"),
    path("initiatives/<str:key>/claims/new/", claims.declare, name="claim-new"),
    path("initiatives/<str:key>/claims/<int:claim_id>/", claims.claim, name="claim"),
    path("initiatives/<str:key>/claims/<int:claim_id>/<slug:act>/", claims.act, name="claim-act"),
    path("initiatives/<str:key>/harness/", harness.lines, name="harness"),
    path("initiatives/<str:key>/harness/<int:line_id>/take-back/", harness.take_back, name="harness-take-back"),
    path("initiatives/<str:key>/harness/<int:line_id>/<slug:act>/", harness.act, name="harness-act"),
    path("spend/", explorer.spend, name="spend"),
    path("spend/coverage/", explorer.coverage, name="spend-coverage"),
    path("spend/outcomes/", outcome_costs.outcomes, name="spend-outcomes"),
    path("spend/rows/", trail.behind, name="charges"),
    path("spend/rows.csv", trail.export, name="charges-csv"),
    path("spend/rows/<str:delivery>/<int:line>/", trail.charge, name="charge"),
    path("spend/showback/", statements.showback, name="showback"),
    path("spend/showback/papers/<int:job_id>/", statements.download, name="showback-file"),
    path("spend/showback/chargeback/<str:month>/", statements.chargeback, name="chargeback"),
    path("spend/showback/<int:team_id>/<str:month>/", statements.team, name="showback-team"),
    path("spend/showback/<int:team_id>/<str:month>/pdf/", statements.paper, name="showback-paper"),
    path("spend/wallets/", wallets.show, name="wallets"),
    path("spend/estimates/", estimates.estimates, name="estimates"),
    path("spend/rates/", rates.rates, name="rates"),
    path("spend/rates/import/", rates.bring_in, name="rates-import"),
    path("spend/rates/enter/", rates.enter, name="rate-enter"),
    path("spend/rows/<str:delivery>/<int:line>/override/", trail.override, name="charge-override"),
    path("spend/unclaimed/", inbox.unclaimed, name="unclaimed"),
    path("spend/unclaimed/switch-off/<int:switch_off_id>/", inbox.switch_off_ended, name="switch-off-ended"),
    path("spend/import/", spend.upload, name="import-costs"),
    path("spend/import/<str:token>/", spend.preview, name="import-preview"),
    path("spend/import/<str:token>/confirm/", spend.confirm, name="import-confirm"),
    path("spend/import/<str:token>/columns/", spend.name_columns, name="import-columns"),
    path("spend/import/<str:token>/discard/", spend.discard, name="import-discard"),
    path("spend/periods/", periods.periods, name="periods"),
    path("spend/periods/<str:month>/<slug:act>/", periods.act, name="period-act"),
    path("spend/deliveries/", spend.deliveries, name="deliveries"),
    path("spend/deliveries/<str:key>/", spend.delivery, name="delivery"),
    path("spend/deliveries/<str:key>/refused.csv", spend.refused, name="delivery-refused"),
]
