"""Addresses of the projects' pages."""

from django.urls import URLPattern, URLResolver, path

from projects.common import views as common
from projects.gates import section_views as sections
from projects.gates import views as gates
from projects.intake import import_views as portfolio
from projects.intake import views as intake
from projects.jobs import views as jobs
from projects.reviews import views as reviews

app_name = "projects"
urlpatterns: list[URLPattern | URLResolver] = [
    path("about/", common.about, name="about"),
    path("setup/components/", common.components, name="components"),
    path("portfolio/import/", portfolio.imports, name="portfolio-import"),
    path("portfolio/import/uploads/<int:upload_id>/", portfolio.upload, name="portfolio-upload"),
    path("portfolio/import/uploads/<int:upload_id>/propose/", portfolio.propose, name="portfolio-propose"),
    path("portfolio/import/uploads/<int:upload_id>/start/", portfolio.start, name="portfolio-start"),
    path("portfolio/import/uploads/<int:upload_id>/discard/", portfolio.discard, name="portfolio-discard"),
    path("portfolio/import/uploads/<int:upload_id>/refusals.csv", portfolio.refusals, name="portfolio-refusals"),
    path("portfolio/import/<str:key>/", portfolio.imported, name="portfolio-imported"),
    path("portfolio/import/<str:key>/refusals.csv", portfolio.imported_refusals, name="portfolio-imported-refusals"),
    path("jobs/<int:job_id>/", jobs.job, name="job"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="job-retry"),
    path("initiatives/new/", intake.register, name="initiative-new"),
    path("initiatives/new/alike/", intake.alike, name="initiative-alike"),
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
    path("requests/<str:key>/kpis/", sections.add_kpi, name="request-kpis"),
    path("requests/<str:key>/<slug:code>/", sections.section, name="request-section"),
    path("requests/<str:key>/<slug:code>/keep/", sections.keep, name="request-section-keep"),
    path("reviews/", reviews.queue, name="reviews"),
    path("reviews/<str:key>/", reviews.review, name="review"),
    path("reviews/<str:key>/finish/", reviews.finish, name="review-finish"),
    path("reviews/<str:key>/conflict/", reviews.conflict, name="review-conflict"),
]
