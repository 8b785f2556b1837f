/* rdp - pieces shared by the files of the RDP decoder (MS-RDPBCGR). */
#ifndef DECODERS_RDP_H
#define DECODERS_RDP_H

#include "tocsin/decoder.h"

enum rdp_field {
	K_RDP,
	F_COOKIE,
	F_RESULT,
	F_SECURITY_PROTOCOL,
	F_CLIENT_CHANNELS,
	F_KEYBOARD_LAYOUT,
	F_CLIENT_BUILD,
	F_CLIENT_NAME,
	F_CLIENT_DIG_PRODUCT_ID,
	F_DESKTOP_WIDTH,
	F_DESKTOP_HEIGHT,
	F_REQUESTED_COLOR_DEPTH,
	F_CERT_TYPE,
	F_CERT_COUNT,
	F_CERT_PERMANENT,
	F_ENCRYPTION_LEVEL,
	F_ENCRYPTION_METHOD,
	N_RDP_FIELDS
};

/* The client's and the server's settings in MCS Connect-Initial and Connect-Response (2.2.1.3, 2.2.1.4), put into the
 * row. false: it is neither. */
bool rdp_client_settings(struct toc_cursor in, struct toc_draft *d);
bool rdp_server_settings(struct toc_cursor in, struct toc_draft *d);

/* Static names by number, as Zeek writes them; NULL: unknown. */
const char *rdp_keyboard_name(uint32_t layout);
const char *rdp_build_name(uint32_t build);

#endif
