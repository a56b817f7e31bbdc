"""The configuration: winnowd.toml, environment and flags, checked whole before anything starts.

``load`` gives the settings in force with the origin of each, or raises SettingsError with every fault at once.
"""

from winnowd.settings.judging import DEFAULT, form, shown
from winnowd.settings.known import OFF, Setting, Value, catalogue, known, moving
from winnowd.settings.loading import Loaded, Settings, SettingsError, load
from winnowd.settings.schema import json_schema
from winnowd.settings.template import template

__all__ = [
    "DEFAULT",
    "OFF",
    "Loaded",
    "Setting",
    "Settings",
    "SettingsError",
    "Value",
    "catalogue",
    "form",
    "json_schema",
    "known",
    "load",
    "moving",
    "shown",
    "template",
]
