"""A Bot API server for tests, made from Telegram's documentation: strict, on this machine only, and full of faults.

`server.FakeTelegram` is the door: `with FakeTelegram() as fake` starts it in a thread of its own; `process.FakeProcess`
in a process of its own. Our client is handed `fake.url` and `fake.token`; a test acts for people with `fake.user(1)`
and reads what they see with `fake.chat(1)`.
"""
