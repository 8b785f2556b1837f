/* payload_json - an object's leaves, whatever their depth, under dotted names. */
#include "base/json_reader.h"
#include "normalise/payload.h"

enum { DEPTH = 8 };

/* prefix.name, in the payload's memory where there is a prefix. The reader of JSON writes unescaped strings into the
 * same memory: each is told where the other has ended. */
static struct toc_span join(struct payload *out, struct toc_json *j, struct toc_span prefix, struct toc_span name)
{
	if (!prefix.n)
		return name;
	out->text_n = j->room_n;
	size_t begin = out->text_n;
	payload_puts(out, prefix);
	payload_put(out, '.');
	payload_puts(out, name);
	j->room_n = out->text_n;
	return payload_made(out, begin);
}

/* What an element of an array says of itself: {"name": N, "value": V} is the pair N of the array. */
struct element {
	struct toc_span name, value;
};

static void leaf(struct payload *out, struct toc_span name, struct toc_span value)
{
	if (name.n)
		payload_add(out, name, value);
}

static void read_value(struct payload *out, struct toc_json *j, struct toc_span prefix, struct toc_span name,
		       struct element *of, unsigned depth);

static void read_object(struct payload *out, struct toc_json *j, struct toc_span prefix, struct element *of,
			unsigned depth)
{
	struct toc_span name;
	while (toc_json_name(j, &name))
		read_value(out, j, prefix, name, of, depth);
}

static bool is_value_name(struct toc_span name)
{
	static const char *const names[] = {
		"value", "Value", "intValue", "boolValue", "multiValue", "#text", "content"
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (toc_span_is(name, names[i]))
			return true;
	return false;
}

static void note_element(struct element *of, struct toc_span name, struct toc_span value)
{
	if (toc_span_is(name, "name") || toc_span_is(name, "Name") || toc_span_is(name, "@Name"))
		of->name = value;
	else if (!of->value.n && is_value_name(name))
		of->value = value;
}

static void read_array(struct payload *out, struct toc_json *j, struct toc_span name, struct element *outer,
		       struct toc_span key, unsigned depth)
{
	while (toc_json_item(j)) {
		struct toc_span text;
		struct element of = { .name = { NULL, 0 } };
		enum toc_json_kind kind = toc_json_value(j, &text);
		if (kind == TOC_JSON_BAD)
			return;
		if (kind == TOC_JSON_ARRAY || (kind == TOC_JSON_OBJECT && depth == DEPTH)) {
			toc_json_leave(j);
		} else if (kind == TOC_JSON_OBJECT) {
			read_object(out, j, name, &of, depth + 1);
			if (of.name.n && of.value.n)
				leaf(out, join(out, j, name, of.name), of.value);
		} else if (kind != TOC_JSON_NULL) {
			leaf(out, name, text);
			if (outer)
				note_element(outer, key, text);
		}
	}
}

static void read_value(struct payload *out, struct toc_json *j, struct toc_span prefix, struct toc_span name,
		       struct element *of, unsigned depth)
{
	struct toc_span text;
	enum toc_json_kind kind = toc_json_value(j, &text);
	if (kind == TOC_JSON_BAD || kind == TOC_JSON_NULL)
		return;
	struct toc_span whole = join(out, j, prefix, name);
	if ((kind == TOC_JSON_OBJECT || kind == TOC_JSON_ARRAY) && depth == DEPTH) {
		toc_json_leave(j);
		out->cut = true;
	} else if (kind == TOC_JSON_OBJECT) {
		read_object(out, j, whole, NULL, depth + 1);
	} else if (kind == TOC_JSON_ARRAY) {
		read_array(out, j, whole, of, name, depth + 1);
	} else {
		leaf(out, whole, text);
		if (of)
			note_element(of, name, text);
	}
}

bool payload_json(struct payload *out, struct toc_span message)
{
	struct toc_json j = toc_json_begin(message, out->text, PAYLOAD_ROOM);
	struct toc_span text;
	payload_clear(out);
	if (toc_json_value(&j, &text) != TOC_JSON_OBJECT)
		return false;
	read_object(out, &j, toc_span_first(message, 0), NULL, 0);
	out->text_n = j.room_n;
	out->cut = out->cut || j.cut;
	return !j.at.bad && out->n > 0;
}
