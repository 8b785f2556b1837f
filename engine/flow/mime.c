/* mime - file types by magic bytes: one table, and what a table cannot say. */
#define _GNU_SOURCE /* memmem */
#include "flow/mime.h"

/* Bytes that stand at a fixed place; n = 0: no condition. */
struct piece {
	uint16_t at, n;
	const char *bytes;
};

struct magic {
	const char *mime;
	struct piece first, second;
};

/* clang-format off */
#define AT(at, text) { at, sizeof(text) - 1, text }

/* The first line that fits wins, so the longer of two like beginnings stands first. */
static const struct magic table[] = {
	/* programs */
	{ "application/x-dosexec", AT(0, "MZ"), AT(0, "") },
	{ "application/x-mach-o-executable", AT(0, "\xce\xfa\xed\xfe"), AT(0, "") },
	{ "application/x-mach-o-executable", AT(0, "\xcf\xfa\xed\xfe"), AT(0, "") },
	{ "application/x-java-pack200", AT(0, "\xca\xfe\xd0\x0d"), AT(0, "") },
	{ "application/x-java-keystore", AT(0, "\xfe\xed\xfe\xed"), AT(0, "") },
	{ "application/x-java-jce-keystore", AT(0, "\xce\xce\xce\xce"), AT(0, "") },
	{ "application/x-ms-shortcut", AT(0, "\x4c\x00\x00\x00\x01\x14\x02\x00"), AT(12, "\xc0\x00\x00\x00\x00\x00\x00\x46") },
	{ "application/x-shockwave-flash", AT(0, "FWS"), AT(0, "") },
	{ "application/x-shockwave-flash", AT(0, "CWS"), AT(0, "") },
	{ "application/x-shockwave-flash", AT(0, "ZWS"), AT(0, "") },
	{ "application/x-chrome-extension", AT(0, "Cr24"), AT(0, "") },
	{ "application/wasm", AT(0, "\0asm"), AT(0, "") },
	/* archives */
	{ "application/zip", AT(0, "PK\x07\x08PK\x03\x04"), AT(0, "") },
	{ "application/x-rar", AT(0, "Rar!"), AT(0, "") },
	{ "application/x-gzip", AT(0, "\x1f\x8b"), AT(0, "") },
	{ "application/vnd.ms-cab-compressed", AT(0, "MSCF\0\0\0\0"), AT(0, "") },
	{ "application/x-7z-compressed", AT(0, "7z\xbc\xaf\x27\x1c"), AT(0, "") },
	{ "application/x-xz", AT(0, "\xfd" "7zXZ\0"), AT(0, "") },
	{ "application/x-bzip2", AT(0, "BZh"), AT(0, "") },
	{ "application/x-tar", AT(257, "ustar"), AT(0, "") },
	{ "application/x-xar", AT(0, "xar!"), AT(0, "") },
	{ "application/x-rpm", AT(0, "drpm"), AT(0, "") },
	{ "application/x-rpm", AT(0, "\xed\xab\xee\xdb"), AT(0, "") },
	{ "application/x-debian-package", AT(0, "!<arch>\ndebian"), AT(0, "") },
	{ "application/x-archive", AT(0, "!<arch>"), AT(0, "") },
	{ "application/x-stuffit", AT(0, "SIT!"), AT(0, "") },
	{ "application/x-stuffit", AT(0, "StuffIt"), AT(0, "") },
	{ "application/x-lz4", AT(0, "\x04\x22\x4d\x18"), AT(0, "") },
	{ "application/x-lz4", AT(0, "\x02\x21\x4c\x18"), AT(0, "") },
	{ "application/x-lrzip", AT(0, "LRZI"), AT(0, "") },
	{ "application/x-lzip", AT(0, "LZIP"), AT(0, "") },
	{ "application/x-lzh", AT(2, "-lh"), AT(6, "-") },
	{ "application/x-lzma", AT(0, "\x5d\0\0"), AT(0, "") },
	{ "application/x-ace", AT(7, "**ACE**"), AT(0, "") },
	{ "application/x-arj", AT(0, "\x60\xea"), AT(0, "") },
	{ "application/x-cpio", AT(0, "\xc7\x71"), AT(0, "") },
	{ "application/x-cpio", AT(0, "\x71\xc7"), AT(0, "") },
	{ "application/x-compress", AT(0, "\x1f\x9d"), AT(0, "") },
	{ "application/x-eet", AT(0, "\x1e\xe7\xff\0"), AT(0, "") },
	{ "application/x-zoo", AT(20, "\xdc\xa7\xc4\xfd"), AT(0, "") },
	{ "application/warc", AT(0, "WARC/"), AT(0, "") },
	{ "application/vnd.apple-afpinfo", AT(0, "AFP\0"), AT(0, "") },
	{ "application/vnd.ms-pol", AT(0, "PReg\x01\0\0\0"), AT(0, "") },
	/* documents */
	{ "application/pdf", AT(0, "%PDF-"), AT(0, "") },
	{ "application/postscript", AT(0, "%!PS"), AT(0, "") },
	{ "text/rtf", AT(0, "{\\rtf"), AT(0, "") },
	{ "application/msword", AT(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), AT(0, "") },
	{ "application/x-msaccess", AT(4, "Standard Jet DB\0"), AT(0, "") },
	{ "application/x-msaccess", AT(4, "Standard ACE DB\0"), AT(0, "") },
	{ "application/vnd.ms-tnef", AT(0, "\x78\x9f\x3e\x22"), AT(0, "") },
	{ "image/vnd.djvu", AT(0, "AT&TFORM"), AT(12, "DJV") },
	{ "image/vnd.dwg", AT(0, "AC10"), AT(0, "") },
	/* pictures */
	{ "image/png", AT(0, "\x89PNG"), AT(0, "") },
	{ "image/gif", AT(0, "GIF8"), AT(0, "") },
	{ "image/jpeg", AT(0, "\xff\xd8"), AT(0, "") },
	{ "image/webp", AT(0, "RIFF"), AT(8, "WEBP") },
	{ "image/tiff", AT(0, "MM\0*"), AT(0, "") },
	{ "image/tiff", AT(0, "MM\0+"), AT(0, "") },
	{ "image/tiff", AT(0, "II*\0"), AT(0, "") },
	{ "image/tiff", AT(0, "II+\0"), AT(0, "") },
	{ "image/x-ms-bmp", AT(0, "BM"), AT(14, "\x28\0") },
	{ "image/x-ms-bmp", AT(0, "BM"), AT(14, "\x0c\0") },
	{ "image/x-ms-bmp", AT(0, "BM"), AT(14, "\x40\0") },
	{ "image/x-ms-bmp", AT(0, "BM"), AT(14, "\x6c\0") },
	{ "image/x-ms-bmp", AT(0, "BM"), AT(14, "\x7c\0") },
	{ "image/x-icon", AT(0, "\0\0\x01\0"), AT(0, "") },
	{ "image/x-cursor", AT(0, "\0\0\x02\0"), AT(0, "") },
	{ "image/vnd.adobe.photoshop", AT(0, "8BPS"), AT(0, "") },
	{ "image/jp2", AT(4, "jP"), AT(0, "") },
	{ "image/x-xcf", AT(0, "gimp xcf"), AT(0, "") },
	/* fonts */
	{ "application/font-woff2", AT(0, "wOF2"), AT(0, "") },
	{ "application/font-woff", AT(0, "wOFF"), AT(0, "") },
	{ "application/x-font-ttf", AT(0, "\0\x01\0\0\0"), AT(0, "") },
	{ "application/vnd.ms-opentype", AT(0, "OTTO"), AT(0, "") },
	{ "application/vnd.ms-fontobject", AT(34, "LP"), AT(8, "\x01\0\x02\0") },
	{ "application/vnd.ms-fontobject", AT(34, "LP"), AT(8, "\x02\0\x02\0") },
	/* sound */
	{ "audio/mpeg", AT(0, "ID3"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xfb"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xfa"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xf3"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xf2"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xe3"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xe2"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xfd"), AT(0, "") },
	{ "audio/mpeg", AT(0, "\xff\xfc"), AT(0, "") },
	{ "audio/x-wav", AT(0, "RIFF"), AT(8, "WAVE") },
	{ "audio/x-flac", AT(0, "fLaC"), AT(0, "") },
	{ "audio/midi", AT(0, "MThd"), AT(0, "") },
	{ "audio/basic", AT(0, ".snd"), AT(0, "") },
	{ "audio/m4a", AT(4, "ftypM4A"), AT(0, "") },
	{ "audio/x-aiff", AT(0, "FORM"), AT(8, "AIF") },
	{ "application/ogg", AT(0, "OggS"), AT(0, "") },
	/* films */
	{ "video/mp4", AT(4, "ftypisom"), AT(0, "") },
	{ "video/mp4", AT(4, "ftypmp41"), AT(0, "") },
	{ "video/mp4", AT(4, "ftypmp42"), AT(0, "") },
	{ "video/3gpp", AT(4, "ftyp3g"), AT(0, "") },
	{ "video/3gpp", AT(4, "ftypavc1"), AT(0, "") },
	{ "video/3gpp", AT(4, "ftypmmp4"), AT(0, "") },
	{ "video/quicktime", AT(4, "ftypqt"), AT(0, "") },
	{ "video/quicktime", AT(4, "moov"), AT(0, "") },
	{ "video/quicktime", AT(4, "mdat"), AT(0, "") },
	{ "video/x-flv", AT(0, "FLV"), AT(0, "") },
	{ "video/x-msvideo", AT(0, "RIFF"), AT(8, "AVI ") },
	{ "video/mpv", AT(0, "\0\0\x01\xb3"), AT(0, "") },
	{ "video/mpeg", AT(0, "\0\0\x01\xba"), AT(0, "") },
	{ "video/x-ms-asf", AT(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"), AT(0, "") },
	/* network and keys */
	{ "application/vnd.tcpdump.pcap", AT(0, "\xa1\xb2\xc3\xd4"), AT(0, "") },
	{ "application/vnd.tcpdump.pcap", AT(0, "\xd4\xc3\xb2\xa1"), AT(0, "") },
	{ "application/vnd.tcpdump.pcap", AT(0, "\x0a\x0d\x0d\x0a"), AT(8, "\x1a\x2b\x3c\x4d") },
	{ "application/vnd.tcpdump.pcap", AT(0, "\x0a\x0d\x0d\x0a"), AT(8, "\x4d\x3c\x2b\x1a") },
	{ "application/x-bittorrent", AT(0, "d8:announce"), AT(0, "") },
	{ "application/x-sqlite3", AT(0, "SQLite format 3\0"), AT(0, "") },
	{ "application/x-pem", AT(0, "-----BEGIN CERTIFICATE-----"), AT(0, "") },
	{ "application/pgp-keys", AT(0, "-----BEGIN PGP PUBLIC KEY BLOCK-"), AT(0, "") },
	{ "application/pgp-signature", AT(0, "-----BEGIN PGP SIGNATURE-"), AT(0, "") },
	{ "application/pgp", AT(0, "-----BEGIN PGP MESSAGE-"), AT(0, "") },
};
/* clang-format on */

static bool piece_fits(struct toc_span s, const struct piece *p)
{
	return toc_span_eq(toc_span_first(toc_span_from(s, p->at), p->n), toc_span_of(p->bytes, p->n));
}

static uint8_t byte_at(struct toc_span s, size_t i)
{
	return i < s.n ? s.p[i] : 0;
}

/* ELF (System V ABI, chapter 4): e_type in the byte order that e_ident[5] tells. */
static const char *elf(struct toc_span s)
{
	static const char *const types[] = { NULL, "application/x-object", "application/x-executable",
					     "application/x-sharedlib", "application/x-coredump" };
	bool big = byte_at(s, 5) == 2;
	unsigned type = byte_at(s, big ? 17 : 16), other = byte_at(s, big ? 16 : 17);
	return other == 0 && type < sizeof(types) / sizeof(types[0]) ? types[type] : NULL;
}

/* Java classes and universal Mach-O share their magic: the next word is a version (45 or more) or a count (few). */
static const char *cafebabe(struct toc_span s)
{
	uint8_t low = byte_at(s, 7);
	if (low >= 0x2d)
		return "application/x-java-applet";
	return low && low <= 0x14 && byte_at(s, 6) == 0 ? "application/x-mach-o-executable" : NULL;
}

static bool contains(struct toc_span s, const char *text)
{
	return s.n && memmem(s.p, s.n, text, strlen(text)) != NULL;
}

/* Zip as a container: the names of the first members tell what it holds (ISO 29500, OpenDocument 1.2 part 3). */
static const char *zip(struct toc_span s)
{
	static const struct {
		const char *member, *mime;
	} kinds[] = {
		{ "META-INF/MANIFEST.MF", "application/java-archive" },
		{ "word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
		{ "xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
		{ "ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
	};
	static const char *const open_document[] = {
		"application/vnd.oasis.opendocument.text",	   "application/vnd.oasis.opendocument.spreadsheet",
		"application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.graphics",
		"application/vnd.oasis.opendocument.chart",	   "application/vnd.oasis.opendocument.formula",
		"application/vnd.oasis.opendocument.database",	   "application/vnd.oasis.opendocument.image",
	};
	enum { NAME = 30, MIMETYPE = 8 };
	struct toc_span name = toc_span_from(s, NAME), type = toc_span_from(name, MIMETYPE);
	if (toc_span_starts(name, "mimetype"))
		for (size_t i = 0; i < sizeof(open_document) / sizeof(open_document[0]); i++)
			if (toc_span_starts(type, open_document[i]))
				return open_document[i];
	bool ooxml = toc_span_starts(name, "[Content_Types].xml") || toc_span_starts(name, "_rels/.rels");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bool jar = i == 0;
		if (toc_span_starts(name, kinds[i].member) || ((jar || ooxml) && contains(name, kinds[i].member)))
			return kinds[i].mime;
	}
	bool word = byte_at(s, 4) == 0x14 && byte_at(s, 5) == 0 && byte_at(s, 6) == 6 && byte_at(s, 7) == 0;
	return word ? "application/vnd.openxmlformats-officedocument" : "application/zip";
}

/* Matroska (RFC 9559): the DocType stands early in the EBML header. */
static const char *ebml(struct toc_span s)
{
	enum { HEADER = 64 };
	struct toc_span head = toc_span_first(s, HEADER);
	if (contains(head, "webm"))
		return "video/webm";
	return contains(head, "matroska") ? "video/x-matroska" : NULL;
}

/* OCSP (RFC 6960): an object identifier soon after the outer sequences. */
static const char *ocsp(struct toc_span s)
{
	enum { SOON = 11, LATEST = 19 };
	static const struct {
		const char *mime, *oid;
	} messages[] = {
		{ "application/ocsp-request", "\x06\x05\x2b\x0e\x03\x02\x1a" },
		{ "application/ocsp-response", "\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01" },
	};
	for (size_t i = 0; i < 2; i++) {
		struct toc_span window = toc_span_first(s, LATEST + strlen(messages[i].oid));
		if (contains(toc_span_from(window, SOON), messages[i].oid))
			return messages[i].mime;
	}
	return NULL;
}

static const struct {
	const char *magic;
	const char *(*name)(struct toc_span);
} readers[] = {
	{ "\x7f"
	  "ELF",
	  elf },
	{ "\xca\xfe\xba\xbe", cafebabe },
	{ "PK\x03\x04", zip },
	{ "\x1a\x45\xdf\xa3", ebml },
	{ "\x30", ocsp },
};

const char *toc_mime_of(struct toc_span first)
{
	struct toc_span s = toc_span_first(first, TOC_MIME_BYTES);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		const char *mime = toc_span_starts(s, readers[i].magic) ? readers[i].name(s) : NULL;
		if (mime)
			return mime;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (piece_fits(s, &table[i].first) && piece_fits(s, &table[i].second))
			return table[i].mime;
	return toc_mime_text(s);
}
