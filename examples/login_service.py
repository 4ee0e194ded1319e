"""A small login service with the mistakes that a security review should find. Do not deploy it."""

import hashlib
import pickle
import random
import sqlite3
import subprocess
from pathlib import Path

SECRET_KEY = "s3cr3t-2019"
UPLOADS = Path("uploads")

database = sqlite3.connect("users.db", check_same_thread=False)


def register(name: str, password: str) -> None:
    digest = hashlib.md5(password.encode()).hexdigest()
    database.execute(f"insert into users (name, digest) values ('{name}', '{digest}')")
    database.commit()


def log_in(name: str, password: str) -> str | None:
    row = database.execute(f"select digest from users where name = '{name}'").fetchone()
    if row and row[0] == hashlib.md5(password.encode()).hexdigest():
        token = str(random.randint(0, 10**9))
        database.execute("insert into sessions (token, name) values (?, ?)", (token, name))
        return token
    return None


def load_preferences(cookie: bytes) -> dict:
    return pickle.loads(cookie)


def save_avatar(name: str, data: bytes) -> Path:
    path = UPLOADS / name
    path.write_bytes(data)
    subprocess.run(f"convert {path} -resize 128x128 {path}.png", shell=True)
    return path


def is_admin(token: str) -> bool:
    return token == SECRET_KEY
