/* smb1 - pieces shared by the files of SMB 1 (MS-CIFS, section 2.2.4). */
#ifndef DECODERS_SMB1_H
#define DECODERS_SMB1_H

#include "decoders/smb.h"

/* A command within its chain. */
struct smb1_part {
	const struct smb_message *m;
	struct toc_cursor words, bytes;
	size_t bytes_at; /* where bytes stand in the message */
	uint32_t status;
	uint16_t tree, user;
	uint32_t id; /* MID and PID: what an answer repeats */
	uint8_t command;
	bool reply, unicode;
};

/* smb1_strings.c: keys, and strings in either alphabet. */
uint64_t smb1_file_key(uint16_t fid);
uint64_t smb1_pending_id(const struct smb1_part *p);
bool smb1_failed(const struct smb1_part *p);
struct smb_pending *smb1_pend(struct smb *c, struct toc_sink *s, const struct smb1_part *p, struct toc_span name);
struct smb_pending *smb1_asked(struct toc_sink *s, const struct smb1_part *p);
void smb1_align(const struct smb1_part *p, struct toc_cursor *b);
/* A string that ends with a zero (two, when UTF-16) or with the bytes. */
size_t smb1_string(const struct smb1_part *p, struct toc_cursor *b, char *out, size_t room);
size_t smb1_text(const struct smb1_part *p, struct toc_span raw, char *out, size_t room);

/* smb1_trans.c: TRANSACTION (named pipes) and TRANSACTION2. */
void smb1_pipe_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s);
void smb1_pipe_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s);
void smb1_trans2_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s);
void smb1_trans2_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s);

#endif
