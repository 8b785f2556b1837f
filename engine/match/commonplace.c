/* commonplace - folders, programs and words that any day's events of Windows, web servers and Unix have. */
#include "match/commonplace.h"

enum { RUN = 4, BITS = 16 };

static const char words[] =
	"c:\\windows\\system32\\ c:\\windows\\syswow64\\ c:\\program files (x86)\\common files\\microsoft "
	"shared\\office\\ "
	"c:\\programdata\\ c:\\users\\public\\ c:\\users\\administrator\\appdata\\local\\temp\\ \\appdata\\roaming\\ "
	"\\desktop\\ \\downloads\\ \\documents\\ \\drivers\\ \\powershell.exe \\cmd.exe \\rundll32.exe \\svchost.exe "
	"\\explorer.exe \\conhost.exe \\services.exe \\chrome.exe \\msedge.exe \\python.exe \\java.exe \\schtasks.exe "
	"\\msiexec.exe \\wscript.exe \\regsvr32.exe rundll32.exe powershell.exe cmd.exe svchost.exe .dll .ps1 .bat "
	".vbs .tmp "
	".txt .log .lnk /c /k -command -file -noprofile \\windowspowershell\\v1.0\\ reg add setvalue deletevalue "
	"hklm\\software\\microsoft\\windows\\currentversion\\run hklm\\system\\currentcontrolset\\services\\ "
	"\\system\\currentcontrolset\\control\\ software\\policies\\ software\\classes\\clsid\\ windows nt "
	"\\software\\ "
	"md5= sha1= sha256= imphash= http://www. https:// .com/ .org/ .html .php /index.php? /usr/bin/ /bin/sh /etc/ "
	"/tmp/ "
	"/var/log/ microsoft corporation operating system nt authority\\system user service low medium high ";

static uint32_t hash(const uint8_t *run)
{
	uint32_t x;
	memcpy(&x, run, RUN);
	return x * UINT32_C(0x9e3779b1) >> (32 - BITS);
}

struct toc_span toc_commonplace_text(void)
{
	return toc_span_of(words, sizeof(words) - 1);
}

void toc_commonplace_make(struct toc_commonplace *out)
{
	struct toc_span text = toc_commonplace_text();
	memset(out, 0, sizeof(*out));
	for (size_t at = 0; at + RUN <= text.n; at++) {
		uint32_t h = hash(text.p + at);
		out->bits[h >> 6] |= UINT64_C(1) << (h & 63);
	}
}

size_t toc_commonplace_count(const struct toc_commonplace *c, struct toc_span text)
{
	size_t n = 0;
	for (size_t at = 0; at + RUN <= text.n; at++) {
		uint32_t h = hash(text.p + at);
		n += c->bits[h >> 6] >> (h & 63) & 1;
	}
	return n;
}
