"""The configuration: winnowd.toml, environment and flags, checked whole before anything starts.

``load`` gives the settings in force with the origin of each, or raises SettingsError with every fault at once.
"""

from winnowd.catalogue import catalogue
from winnowd.settings.judging import DEFAULT, form, shown
from winnowd.settings.loading import Loaded, Settings, SettingsError, load, load_logged, override_values
from winnowd.settings.options import OFF, Setting, Value, all_settings, moving
from winnowd.settings.schema import json_schema
from winnowd.settings.template import reference, template

__all__ = [
    "DEFAULT",
    "OFF",
    "Loaded",
    "Setting",
    "Settings",
    "SettingsError",
    "Value",
    "all_settings",
    "catalogue",
    "form",
    "json_schema",
    "load",
    "load_logged",
    "moving",
    "override_values",
    "reference",
    "shown",
    "template",
]
