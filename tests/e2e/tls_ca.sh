# make_ca FOLDER: a CA of the test's own, and ca-signed server (localhost, 127.0.0.1), client and foreign certificates.
make_ca() {
  local d=$1 name
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$d/ca.key" -out "$d/ca.crt" 2>/dev/null
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other-ca -keyout "$d/other.key" -out "$d/other.crt" 2>/dev/null
  for name in server:DNS:localhost,IP:127.0.0.1 elsewhere:DNS:elsewhere.example client:DNS:sensor; do
    openssl req -newkey rsa:2048 -nodes -subj "/CN=${name%%:*}" -keyout "$d/${name%%:*}.key" -out "$d/req" 2>/dev/null
    printf 'subjectAltName=%s\n' "${name#*:}" >"$d/ext"
    openssl x509 -req -in "$d/req" -CA "$d/ca.crt" -CAkey "$d/ca.key" -CAcreateserial -days 2 -extfile "$d/ext" -out "$d/${name%%:*}.crt" 2>/dev/null
  done
}
