/* smb - pieces shared by the files of the SMB decoder (MS-CIFS, MS-SMB, MS-SMB2). */
#ifndef DECODERS_SMB_H
#define DECODERS_SMB_H

#include "decoders/ntlm.h"
#include "tocsin/decoder.h"

enum smb_field {
	K_SMB_FILES,
	F_ACTION,
	F_PATH,
	F_NAME,
	F_SIZE,
	F_PREV_NAME,
	F_MODIFIED,
	F_ACCESSED,
	F_CREATED,
	F_CHANGED,
	K_SMB_PIPE,
	F_PIPE_ACTION,
	F_PIPE_PATH,
	F_PIPE_NAME,
	K_SMB_MAPPING,
	F_MAP_PATH,
	F_MAP_SERVICE,
	F_MAP_FS,
	F_MAP_TYPE,
	K_FILE_OP,
	F_OP_USER,
	F_OP_SHARE,
	F_OP_DIR,
	F_OP_NAME,
	F_OP_EXT,
	F_OP_PREV_EXT,
	F_OP,
	F_OP_READS,
	F_OP_WRITES,
	F_OP_BYTES_READ,
	F_OP_BYTES_WRITTEN,
	K_SMB_SESSION,
	F_DIALECT,
	F_ENCRYPTED,
	K_SEALED,
	F_SEALED_PIPE,
	F_SEALED_LETTERS,
	F_SEALED_SIZE,
	F_SEALED_NUMBER,
	N_SMB_FIELDS
};

extern const struct toc_field_decl smb_fields[N_SMB_FIELDS];

enum { SMB_NAME = 1024, SMB_PATH = 512, SMB_EXT = 16, SMB_RECENT = 64, SMB_SEALED_SIZES = 12 };

enum smb_share { SHARE_UNKNOWN, SHARE_DISK, SHARE_PIPE, SHARE_PRINT };

/* What a flow's memory has, in the key's upper four bits. */
enum smb_cell { CELL_PENDING = 1, CELL_TREE, CELL_FILE, CELL_USER };

static inline uint64_t smb_key(enum smb_cell kind, uint64_t id)
{
	return (uint64_t)kind << 60 | (id & ((UINT64_C(1) << 60) - 1));
}

/* A request whose answer matters, under its message's number. */
struct smb_pending {
	toc_time ts;
	uint64_t file; /* cell key; 0: the one that the same chain has just opened */
	uint64_t offset;
	uint64_t session;
	uint32_t tree, length;
	uint16_t command;
	uint8_t action; /* of a set-info: enum smb_action */
	bool delete_on_close, directory;
	uint16_t name_n;
	char name[];
};

enum smb_action { ACTION_NONE, ACTION_RENAME, ACTION_DELETE, ACTION_KEEP };

struct smb_tree {
	uint8_t share; /* enum smb_share */
	uint16_t path_n;
	char path[];
};

struct smb_file {
	uint32_t tree;
	uint8_t share;
	bool delete_on_close, deleted, created, directory, bodied[2]; /* bodied: its content was begun, by direction */
	uint64_t size, session;
	toc_time times[4]; /* modified, accessed, created, changed; 0 = not told */
	uint32_t reads, writes;
	uint64_t bytes_read, bytes_written;
	uint8_t prev_ext_n;
	char prev_ext[SMB_EXT];
	uint16_t name_n;
	char name[];
};

struct smb_user {
	uint16_t n;
	char name[];
};

enum smb_at { AT_START, AT_REST, AT_RESYNC };

struct smb_side {
	uint8_t at;
	uint32_t left; /* bytes of the message not read so far */
	uint32_t data; /* of them: content of a file or pipe */
	uint64_t file, offset;
	bool reply; /* it is an answer's content */
};

/* The pipe that was opened last in an encrypted connection, as far as lengths tell. */
struct smb_sealed {
	uint8_t at, letters, contexts, address;
	uint8_t n;	/* of sizes: the different lengths of its calls so far */
	uint32_t asked; /* length of the request that waits; 0: none does */
	uint32_t calls;
	uint32_t sizes[SMB_SEALED_SIZES];
};

struct smb {
	struct smb_side side[2];
	bool any, v1, v2, oriented, flipped;
	uint16_t dialect; /* SMB2; 1 = NT LM 0.12 */
	uint32_t encrypted;
	uint64_t chain;	  /* file that the chain of answers at hand opened last */
	uint64_t body[2]; /* whose content is open, by enum toc_dir */
	struct {
		uint32_t hash, seen; /* seconds, modulo 2^32; 0 = empty */
	} recent[SMB_RECENT];	     /* rows told of late: Zeek says the same thing once in three minutes */
	uint8_t recent_at;
	struct smb_sealed sealed;
};

/* A message as far as it is in hand; `total` is its length on the wire, from `bytes` on. */
struct smb_message {
	struct toc_span bytes;
	size_t total;
	enum toc_dir dir; /* of the flow */
};

/* smb1.c, smb2.c: one message, its header first. Content that goes on beyond the bytes in hand is left in the side. */
void smb1_message(struct smb *c, const struct smb_message *m, struct toc_sink *s);
void smb2_message(struct smb *c, const struct smb_message *m, struct toc_sink *s);
/* Whether more than this is needed to read the message: false where what follows is only content. */
bool smb1_is_content(struct toc_span first);
bool smb2_is_content(struct toc_span first);

/* smb_sealed.c: one encrypted message, its transform header; what was lost on the way. */
void smb_sealed_message(struct smb *c, const struct smb_message *m, struct toc_sink *s);
void smb_sealed_gap(struct smb *c);

/* smb_state.c: memory; makes room by letting go of what was not used longest. */
void *smb_cell_new(struct smb *c, struct toc_sink *s, uint64_t key, size_t size);
struct smb_pending *smb_pend(struct smb *c, struct toc_sink *s, uint64_t id, uint16_t command, struct toc_span name);
struct smb_tree *smb_tree(struct toc_sink *s, uint32_t id);
struct smb_file *smb_file(struct toc_sink *s, uint64_t key);
void smb_session_token(struct smb *c, struct toc_sink *s, uint64_t session, bool reply, struct toc_span token);
void smb_session_result(struct smb *c, struct toc_sink *s, uint64_t session, bool success);

struct smb_mapping {
	uint32_t tree;
	enum smb_share share;
	struct toc_span path, service, file_system;
};
void smb_mapped(struct smb *c, struct toc_sink *s, const struct smb_mapping *m);

/* smb_files.c: what happens to files. */
struct smb_opened {
	uint64_t key, size;
	toc_time times[4];
	bool created, directory;
};
void smb_opened(struct smb *c, struct toc_sink *s, const struct smb_pending *p, const struct smb_opened *o);
void smb_closed(struct smb *c, struct toc_sink *s, uint64_t key);
void smb_renamed(struct smb *c, struct toc_sink *s, uint64_t key, struct toc_span name);
void smb_deleted(struct smb *c, struct toc_sink *s, uint64_t key);
/* n bytes were read (reply's word) or written (its answer): counted. */
void smb_counted(struct toc_sink *s, uint64_t key, bool write, uint64_t n);
/* Content of a file or pipe at an offset; bytes.p NULL: bytes.n of it were lost. */
void smb_content(struct smb *c, struct toc_sink *s, uint64_t key, bool reply, uint64_t offset, struct toc_span bytes);
/* The part in hand of content that begins `at` bytes into the message; the rest goes to the side. */
void smb_content_at(struct smb *c, struct toc_sink *s, const struct smb_message *m, size_t at, uint64_t n, uint64_t key,
		    bool reply, uint64_t offset);
void smb_forget_file(struct smb *c, struct toc_sink *s, uint64_t key, bool told);

/* FILETIME (MS-DTYP, section 2.3.3) as event time; 0: not set or out of range. */
toc_time smb_time(uint64_t filetime);

#endif
