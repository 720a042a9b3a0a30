"""The channel without a provider: a phone in the browser, or a virtual patient. It keeps real channels' rules."""

from __future__ import annotations

from bot.channels.simulator.phone import Phone
from bot.channels.simulator.pictures import SimulatorPictures
from bot.channels.simulator.sender import CHANNEL, SimulatorSender

__all__ = ["CHANNEL", "Phone", "SimulatorPictures", "SimulatorSender"]
