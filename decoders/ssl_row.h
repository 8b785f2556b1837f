/* ssl_row - the row of one TLS connection, whatever carries it: handshake messages in, events out. */
#ifndef DECODERS_SSL_ROW_H
#define DECODERS_SSL_ROW_H

#include "decoders/ssl.h"

enum { SSL_HISTORY = 48 };

enum ssl_message {
	SSL_MSG_CLIENT_HELLO = 1,
	SSL_MSG_SERVER_HELLO = 2,
	SSL_MSG_HELLO_VERIFY = 3,
	SSL_MSG_CERTIFICATE = 11,
	SSL_MSG_KEY_EXCHANGE = 12,
	SSL_MSG_CLIENT_KEY_EXCHANGE = 16,
	SSL_MSG_STATUS = 22
};

/* State of the row; zeroed, then `over` is set, and `flipped` once the hellos tell. */
struct ssl_row {
	enum ssl_over over;
	bool flipped;	  /* the originator is the server: the capture began late */
	uint16_t version; /* the server's choice, final; 0 = none yet */
	bool chosen;	  /* the three that follow are known, be it from a HelloRetryRequest */
	uint16_t told, cipher, group;
	bool logged, any, tls13, resumed, established, empty_ticket, client_keys, hello, heartbeats;
	bool encrypted[2];		/* of the client, of the server */
	uint32_t beat[2], beat_back[2]; /* heartbeats in cipher: length of a side's last one, what came back since */
	uint8_t session_n, session[32];
	uint8_t sni_n, sni[SSL_NAME - 1];
	uint8_t history_n;
	char history[SSL_HISTORY];
};

/* A whole handshake message in clear. `client`: whose. */
void ssl_row_message(struct ssl_row *c, uint8_t type, struct toc_span body, bool client, struct toc_sink *s);
void ssl_row_change_cipher(struct ssl_row *c, bool client);
/* An alert's body; encrypted ones only leave their letter. */
void ssl_row_alert(struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s);
/* A heartbeat in clear (RFC 6520): one that lies about its length is an attack. */
void ssl_row_heartbeat(struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s);
/* A heartbeat in cipher, of which only the length is known: what comes back is as long as what went. */
void ssl_row_heartbeat_ciphered(struct ssl_row *c, uint32_t length, bool client, struct toc_sink *s);
/* Bytes in cipher. The row goes out once both sides speak in cipher: then it is established. */
void ssl_row_ciphered(struct ssl_row *c, bool client, bool data, struct toc_sink *s);
/* The hellos of SSL 2 (draft-hickman-netscape-ssl-00): `body` from the message type on. */
void ssl_row_v2(struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s);
/* Tells what is known, once. */
void ssl_row_log(struct ssl_row *c, struct toc_sink *s);

#endif
