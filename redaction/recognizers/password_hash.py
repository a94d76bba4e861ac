"""Hashes of passwords: what lies in /etc/shadow, .htpasswd and user tables, and what can be cracked at leisure."""

from __future__ import annotations

from ..definition import Definition, Pattern

PASSWORD_HASH = Definition(
    "SECRET",
    (
        # Sources: crypt(5); the PHC string format; passlib's list of its hashes.
        Pattern(r"\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{22,53}+", score=1.0),  # bcrypt
        Pattern(
            r"\$(?:1|5|6|apr1|md5|sha1)\$(?:rounds=[0-9]{1,9}\$)?[^\s$:\"']{1,64}\$[./A-Za-z0-9]{16,86}+", score=1.0
        ),
        Pattern(
            r"\$(?:y|gy|7)\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{32,86}+", score=1.0
        ),  # yescrypt
        Pattern(
            r"\$(?:argon2(?:id?|d)|scrypt|pbkdf2(?:-sha(?:1|256|512))?|s0|bcrypt-sha256)\$[A-Za-z0-9=,$+/.\-]{20,400}+",
            score=1.0,
        ),
        Pattern(r"\$krb5(?:tgs|asrep|pa)\$[^\s\"']{20,8192}+", score=1.0),  # Kerberos tickets as tools write them
        Pattern(r"pbkdf2_sha(?:1|256|512)\$[0-9]{1,9}\$[^\s$\"']{1,64}\$[A-Za-z0-9+/=]{20,128}+", score=1.0),  # Django
        Pattern(r"scrypt:[0-9]{1,9}:[0-9]{1,4}:[0-9]{1,4}\$[^\s$\"']{1,64}\$[a-f0-9]{32,256}+", score=1.0),  # Werkzeug
        Pattern(r"pbkdf2:sha[0-9]{1,3}:[0-9]{1,9}\$[^\s$\"']{1,64}\$[a-f0-9]{32,256}+", score=1.0),
        Pattern(
            r"SCRAM-SHA-(?:1|256|512)\$[0-9]{1,9}:[A-Za-z0-9+/=]{8,64}\$[A-Za-z0-9+/=:]{20,200}+", score=1.0
        ),  # PostgreSQL
        # LDAP userPassword (RFC 2307)
        Pattern(
            r"\{(?i:s?sha(?:256|384|512)?|s?md5|crypt|pbkdf2(?:-sha(?:1|256|512))?|argon2)\}[^\s\"',<]{16,200}+",
            score=1.0,
        ),
    ),
    restorable=False,
    name="password_hash",
)
