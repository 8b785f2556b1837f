/* ftp - what the decoder's files share. */
#ifndef DECODERS_FTP_H
#define DECODERS_FTP_H

#include "decoders/line.h"

/* Where the other end of a data channel waits. */
struct ftp_host {
	struct toc_addr addr;
	bool has_addr; /* EPSV names a port only */
	uint16_t port;
};

/* h1,h2,h3,h4,p1,p2 anywhere in the text (RFC 959, PORT and the reply 227). */
bool ftp_read_port(struct toc_span text, struct ftp_host *out);

/* <d>1|2<d>address<d>port<d>, address and family may be empty (RFC 2428, EPRT and the reply 229). */
bool ftp_read_eprt(struct toc_span text, struct ftp_host *out);

/* A path in the working directory; ".." undone, as Zeek writes it: the start is ".". */
enum { FTP_PATH = 256 };
struct ftp_path {
	uint16_t n;
	uint8_t b[FTP_PATH];
};
void ftp_path_go(struct ftp_path *cwd, struct toc_span arg);

/* ftp://host/path of a file named by arg; returns the length written. */
size_t ftp_url(const struct toc_addr *host, const struct ftp_path *cwd, struct toc_span arg, uint8_t out[2 * FTP_PATH]);

#endif
