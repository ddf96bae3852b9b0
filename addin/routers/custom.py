"""The routes that valuehour adds to xlwings Server, and the door in front of all of them."""

from xlwings_server.main import app

from valuehour.hosts.server.routes import install

router = install(app)
