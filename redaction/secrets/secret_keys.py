"""The keys that secrets stand under, in the languages of the markets.

Words of a key are joined by `_`; `accessToken`, `access-token` and `accesstoken` are one entry.
"""

from __future__ import annotations

STRONG = frozenset(
    # English, and names that programs gave to their variables and flags.
    "password passwd pass_word passphrase pass_phrase passcode userpass userpassword dbpassword dbpasswd dbpass "
    "rootpassword adminpassword pgpassword pgpass mysqlpwd mysql_pwd rediscli_auth redisauth requirepass masterauth "
    "sshpass bindpw bind_pw bindpasswd rootpw keypass storepass keystorepass truststorepass proxypassword "
    "db_pass db_pw user_pass root_pass admin_pass smtp_pass mail_pass redis_pass mysql_pass pg_pass ftp_pass "
    "ssh_pass "
    "wifi_psk psk pre_shared_key preshared_key presharedkey "
    "secret client_secret clientsecret app_secret appsecret shared_secret consumer_secret token_secret "
    "secret_key secretkey secret_access_key aws_secret_access_key webhook_secret signing_secret signing_key "
    "encryption_key decryption_key cipher_key master_key private_key privatekey ssh_key fernet_key hmac_key "
    "hmac_secret "
    "cookie_secret session_secret jwt_secret jwt_key salt_key data_key_plaintext api_key apikey x_api_key "
    "app_key appkey "
    "application_key api_secret apisecret api_token apitoken access_key accesskey account_key storage_key "
    "subscription_key ocp_apim_subscription_key auth_key authkey license_key licence_key integration_key "
    "routing_secret "
    "service_key functions_key admin_key merchant_key merchant_secret terminal_key checksum_key salt_index_key "
    "access_token accesstoken refresh_token id_token auth_token authtoken session_token security_token csrf_token "
    "xsrf_token csrfmiddlewaretoken authenticity_token request_verification_token bearer_token x_auth_token "
    "x_vault_token x_amz_security_token x_csrf_token x_xsrf_token private_token deploy_token bot_token job_token "
    "registration_token personal_access_token id_token_hint client_assertion code_verifier saml_response "
    "samlresponse "
    "jwt sas_token shared_access_signature shared_access_key shared_key accountkey sharedaccesskey credential "
    "credentials x_amz_signature x_amz_credential x_goog_signature x_goog_credential mfa_secret totp_secret "
    "recovery_code backup_code seed_phrase mnemonic krb5_password keytab_base64 "
    # Portuguese, Spanish, French, Italian, Romanian
    "senha palavra_passe palavrapasse segredo chave_secreta chave_privada chave_api chave_de_api token_de_acesso "
    "token_acesso contrasena contrasenia contraseña contrasenya clave_secreta clave_privada clave_api "
    "clave_de_acceso "
    "clave_acceso llave_secreta llave_privada llave_api secreto token_de_acceso token_acceso codigo_secreto "
    "mot_de_passe motdepasse mdp cle_secrete clé_secrète cle_privee clé_privée cle_api clé_api jeton jeton_acces "
    "jeton_d_acces code_secret chiave_segreta chiave_privata chiave_api parola parola_acces "
    # German, Dutch, Polish, Czech, Hungarian, Greek
    "passwort kennwort geheimnis api_schluessel api_schlüssel geheimer_schlüssel wachtwoord geheim haslo hasło heslo "
    "jelszo jelszó lozinka κωδικός κωδικόσ "
    # Turkish
    "sifre şifre sifresi şifresi gizli_anahtar api_anahtari api_anahtarı erisim_anahtari erişim_anahtarı "
    "erisim_jetonu "
    # Indonesian, Malay, Filipino
    "kata_sandi katasandi sandi kata_laluan katalaluan kunci_rahasia kunci_rahsia kunci_api rahasia rahsia "
    "token_akses "
    "kunci_akses kontrasenyas "
    # Vietnamese
    "mat_khau matkhau mật_khẩu mậtkhẩu khoa_bi_mat khóa_bí_mật khoá_bí_mật khoa_api khóa_api ma_bi_mat mã_bí_mật "
    # Swahili, Hausa
    "nenosiri neno_la_siri kalmar_sirri "
    # Arabic, Persian, Urdu, Hebrew
    "كلمة_المرور كلمة_السر كلمه_المرور كلمه_السر الرقم_السري المفتاح_السري مفتاح_سري رمز_المرور رمز_عبور "
    "گذرواژه סיסמה "
    # Russian and its neighbours
    "пароль секрет токен секретный_ключ закрытый_ключ приватный_ключ ключ_api апи_ключ құпиясөз парол "
    # Chinese, Japanese, Korean
    "密码 密碼 口令 密钥 密鑰 私钥 私鑰 秘钥 令牌 访问令牌 访问密钥 パスワード 暗証番号 シークレット "
    "トークン 秘密鍵 비밀번호 암호 패스워드 비밀키 토큰".split()
)
"""Whatever stands there is a secret."""

PASS = frozenset("pwd pass pw passw".split())
"""Words with other meanings too (`PWD=/app`, `pass: 12`): what could be a password is one."""

MANY = frozenset("passwords secrets tokens api_keys access_keys access_tokens private_keys senhas claves".split())
"""Lists of secrets, and counts of them."""

TOKENS = frozenset("token tok".split())
NO_TOKENS = frozenset(
    "next page continue continuation pagination cursor resume sync cancellation eos bos pad unk sep cls mask stop "
    "special prompt completion max min num total count unexpected placeholder chain network erc20 contract".split()
)

NO_MANY = NO_TOKENS | {"image", "pull", "existing"}

HEADERS = frozenset({"authorization", "proxy_authorization", "x_authorization", "x_forwarded_authorization"})
COOKIES = frozenset({"cookie", "set_cookie", "cookie2", "set_cookie2", "http_cookie", "cookies"})

SESSIONS = frozenset(
    "session_id sessionid sess_id session sess sid ssid jsessionid phpsessid asp_net_sessionid aspsessionid "
    "connect_sid "
    "session_key sessionkey session_cookie xsrf csrf csrftoken sso_ticket remember_me remember_token laravel_session "
    "auth_cookie access_cookie identity_cookie".split()
)
SIGNATURES = frozenset("sig signature hmac mac_key assertion auth_code authorization_code oauth_code".split())

WEAK = frozenset(
    "key keys accessor auth creds cred clave chave llave kunci anahtar anahtari clé cle schluessel ключ".split()
)
"""Keys that mean many things: only what looks drawn at random is a secret there."""
NO_WEAK = frozenset(
    "public primary foreign partition cache sort row routing idempotency object range hash group index shard record "
    "message event lookup map dict dedup dedupe dedup_key unique natural surrogate business composite column "
    "table s3 redis kafka metric label tag feature translation i18n locale resource websocket socket storage_class "
    "fingerprint etag blob file path lock session_affinity rate limit join distribution cluster clustering data "
    "signing_certificate thumbprint kid".split()
)
