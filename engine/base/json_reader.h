/* json_reader - reading one JSON text (RFC 8259) that a stranger wrote: no allocation, bounded depth, linear time. */
#ifndef BASE_JSON_READER_H
#define BASE_JSON_READER_H

#include "tocsin/cursor.h"

enum toc_json_kind {
	TOC_JSON_BAD, /* the text is none, or ends too early; nothing after it can be read */
	TOC_JSON_STRING,
	TOC_JSON_NUMBER,
	TOC_JSON_TRUE,
	TOC_JSON_FALSE,
	TOC_JSON_NULL,
	TOC_JSON_OBJECT, /* entered: toc_json_name, then the member's value, until there is no name */
	TOC_JSON_ARRAY	 /* entered: while toc_json_item, a value */
};

struct toc_json {
	struct toc_cursor at; /* at.bad is sticky */
	uint8_t *room;	      /* strings with escapes are written here, one behind the other */
	size_t room_n, room_size;
	unsigned depth;
	bool first; /* no comma is due: just entered */
	bool cut;   /* a string did not fit the room */
};

/* room: the caller's, for unescaped strings; they live as long as it does. Bytes that are not UTF-8 are kept. */
struct toc_json toc_json_begin(struct toc_span text, uint8_t *room, size_t size);

/* The next value; *text is its string without quotes, or the characters of a number. At most 32 levels. */
enum toc_json_kind toc_json_value(struct toc_json *j, struct toc_span *text);

/* The next member's name; false: the object ends here (and is left), or the text is bad. */
bool toc_json_name(struct toc_json *j, struct toc_span *name);

/* Is there another element? false: the array ends here (and is left), or the text is bad. */
bool toc_json_item(struct toc_json *j);

/* Leaves the object or array that was just entered, whatever is in it. */
void toc_json_leave(struct toc_json *j);

/* Nothing but white space is left, and all before was JSON. */
bool toc_json_ended(struct toc_json *j);

#endif
