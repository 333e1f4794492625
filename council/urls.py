"""Addresses of the product."""

from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, register_converter

from council import health
from council.delegations import views as delegations
from council.home import edit_views as edits
from council.home import route_views as routes
from council.home import views as home
from council.home import waiting_views as waiting
from council.inbox import views as inbox
from council.packs import views as packs
from council.policy import views as policy
from council.portfolio import saved_views as saved
from council.portfolio import views as portfolio
from council.rooms import item_views, views
from council.rooms.converters import DayConverter
from council.spend_lists import views as lists

register_converter(DayConverter, "day")

council_pages: list[URLPattern | URLResolver] = [
    path("", waiting.land, name="land"),
    path("home/", waiting.home, name="home"),
    path("search/", waiting.find, name="search"),
    path("initiatives/<str:key>/", home.initiative, name="initiative"),
    path("initiatives/<str:key>/edit/", edits.edit, name="initiative-edit"),
    path("initiatives/<str:key>/route/", routes.route, name="initiative-route"),
    path("initiatives/<str:key>/<slug:tab>/", home.initiative, name="initiative-tab"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("portfolio/export.csv", portfolio.export, name="portfolio-csv"),
    path("portfolio/views/save/", saved.save, name="portfolio-view-save"),
    path("portfolio/views/<int:view_id>/forget/", saved.forget, name="portfolio-view-forget"),
    path("escalations/", inbox.inbox, name="escalations"),
    path("escalations/<str:key>/", inbox.inbox, name="escalation"),
    path("escalations/<str:key>/<slug:act>/", inbox.act, name="escalation-act"),
    path("policy/", policy.policy, name="policy"),
    path("policy/draft/", policy.draft, name="policy-draft"),
    path("policy/acknowledge/", policy.acknowledge, name="policy-acknowledge"),
    path("policy/versions/<int:number>/", policy.version, name="policy-version"),
    path("policy/versions/<int:number>/edit/", policy.edit, name="policy-edit"),
    path("policy/versions/<int:number>/<slug:act>/", policy.act, name="policy-act"),
    path("decisions/", delegations.decisions, name="decisions"),
    path("decisions/<str:key>/decide/", delegations.decide, name="decide"),
    path("decisions/<str:key>/decide/<slug:act>/", delegations.answer, name="decide-answer"),
    path("decisions/<str:reference>/", delegations.decision, name="decision"),
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/next/", views.upcoming, name="next-meeting"),
    path("meetings/<day:held_on>/", views.meeting, name="meeting"),
    path("meetings/<day:held_on>/attendance/", views.attendance, name="attendance"),
    path("meetings/<day:held_on>/room/", item_views.room, name="room"),
    path("meetings/<day:held_on>/room/live/", item_views.live, name="room-live"),
    path("meetings/<day:held_on>/pack/", packs.pack, name="pack"),
    path("meetings/<day:held_on>/pack/make/", packs.make, name="pack-make"),
    path("meetings/<day:held_on>/pack/copy/", packs.copy, name="pack-copy"),
    path("meetings/<day:held_on>/pack/asked.<str:form>", packs.asked, name="pack-asked"),
    path("meetings/<day:held_on>/pack/<int:version>/", packs.download, name="pack-file"),
    path("meetings/<day:held_on>/spend-list/", lists.spend_list, name="spend-list"),
    path("meetings/<day:held_on>/spend-list/sign/", lists.sign, name="spend-list-sign"),
    path("meetings/<day:held_on>/spend-list/<int:version>.<str:form>", lists.download, name="spend-list-file"),
    path("meetings/<day:held_on>/items/<int:number>/motion/", item_views.motion, name="motion"),
    path("meetings/<day:held_on>/items/<int:number>/<slug:act>/", item_views.item_act, name="item-act"),
    path("meetings/<day:held_on>/<slug:act>/", views.act, name="meeting-act"),
]

urlpatterns = [
    path("favicon.ico", lambda request: redirect(static("img/mark.svg"))),
    path("site-admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("health/web/", health.web, name="health-web"),
    path("health/worker/", health.worker, name="health-worker"),
    path("health/scheduler/", health.scheduler, name="health-scheduler"),
    path("api/v1/", include("projects.api_urls")),
    path("", include("projects.urls")),
    path("", include((council_pages, "council"))),
]

handler500 = "projects.common.views.broken"
