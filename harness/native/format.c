// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formatted text as lib/vsprintf.c of 6.1 has it: C's conversions for integers, strings and
 * characters, and the kernel's extensions of %p. No floating point. Pointers print as they are (the
 * kernel hashes %p), because world addresses are the same in every run.
 *
 *	%pe error name	%pS %ps %pB symbol	%pV format within	%ph bytes	%pM MAC
 *	%pI4 IPv4	%pU UUID		%pK %px pointer
 */
#include "world.h"

#include "include/linux/ctype.h"
#include "include/linux/err.h"
#include "include/linux/string.h"

/* Where the text goes; `pos` counts on when the buffer is full. */
struct out {
	char *buf;
	size_t size, pos;
};

struct spec {
	bool left, plus, space, alt, zero;
	int width, precision; /* precision -1: none */
	char length;	      /* 0, 'h', 'H' (hh), 'l', 'L' (ll), 'z', 't' */
};

static void put(struct out *o, char c)
{
	if (o->pos < o->size)
		o->buf[o->pos] = c;
	o->pos++;
}

static void pad(struct out *o, int n, char c)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text, int len)
{
	if (!s->left)
		pad(o, s->width - len, ' ');
	for (int i = 0; i < len; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, s->width - len, ' ');
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t max = s->precision < 0 ? (size_t)INT_MAX : (size_t)s->precision;

	if ((unsigned long)text < 4096)
		text = text ? "(efault)" : "(null)";
	else if (IS_ERR(text))
		text = "(efault)";
	put_text(o, s, text, (int)strnlen(text, max));
}

/* ---- numbers ---- */

static int digits(char *end, u64 value, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char *p = end;

	do
		*--p = set[value % base];
	while (value /= base);
	return (int)(end - p);
}

static void put_number(struct out *o, const struct spec *s, u64 value, bool negative,
		       unsigned int base, bool upper)
{
	char text[24], *end = text + sizeof(text), prefix[3];
	int n = s->precision == 0 && !value ? 0 : digits(end, value, base, upper);
	int np = 0, zeros = s->precision - n;

	if (negative || s->plus || s->space)
		prefix[np++] = negative ? '-' : s->plus ? '+' : ' ';
	if (s->alt && base == 16) {
		prefix[np++] = '0';
		prefix[np++] = upper ? 'X' : 'x';
	}
	if (s->alt && base == 8 && zeros < 1)
		zeros = 1;
	if (s->zero && !s->left && s->precision < 0)
		zeros = s->width - n - np;
	zeros = max(zeros, 0);
	if (!s->left)
		pad(o, s->width - n - np - zeros, ' ');
	for (int i = 0; i < np; i++)
		put(o, prefix[i]);
	pad(o, zeros, '0');
	for (int i = n; i > 0; i--)
		put(o, end[-i]);
	if (s->left)
		pad(o, s->width - n - np - zeros, ' ');
}

static s64 fetch_signed(const struct spec *s, va_list *args)
{
	switch (s->length) {
	case 'H':
		return (signed char)va_arg(*args, int);
	case 'h':
		return (short)va_arg(*args, int);
	case 0:
		return va_arg(*args, int);
	default:
		return va_arg(*args, long long);
	}
}

static u64 fetch_unsigned(const struct spec *s, va_list *args)
{
	switch (s->length) {
	case 'H':
		return (unsigned char)va_arg(*args, int);
	case 'h':
		return (unsigned short)va_arg(*args, int);
	case 0:
		return va_arg(*args, unsigned int);
	default:
		return va_arg(*args, unsigned long long);
	}
}

/* ---- pointers ---- */

static const char *errno_name(long error)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{EPERM, "EPERM"},
		{ENOENT, "ENOENT"},
		{EINTR, "EINTR"},
		{EIO, "EIO"},
		{ENXIO, "ENXIO"},
		{EAGAIN, "EAGAIN"},
		{ENOMEM, "ENOMEM"},
		{EACCES, "EACCES"},
		{EFAULT, "EFAULT"},
		{EBUSY, "EBUSY"},
		{EEXIST, "EEXIST"},
		{ENODEV, "ENODEV"},
		{EINVAL, "EINVAL"},
		{ENFILE, "ENFILE"},
		{ENOSPC, "ENOSPC"},
		{ERANGE, "ERANGE"},
		{ENOSYS, "ENOSYS"},
		{EOVERFLOW, "EOVERFLOW"},
		{EOPNOTSUPP, "EOPNOTSUPP"},
		{ETIMEDOUT, "ETIMEDOUT"},
		{EPROBE_DEFER, "EPROBE_DEFER"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == error)
			return names[i].name;
	return NULL;
}

static void put_error(struct out *o, const struct spec *s, const void *ptr)
{
	char text[24];
	const char *name = IS_ERR(ptr) ? errno_name(-PTR_ERR(ptr)) : NULL;

	if (name)
		scnprintf(text, sizeof(text), "-%s", name);
	else if (IS_ERR(ptr))
		scnprintf(text, sizeof(text), "%ld", PTR_ERR(ptr));
	else
		scnprintf(text, sizeof(text), "%016lx", (unsigned long)ptr);
	put_string(o, s, text);
}

static void put_bytes(struct out *o, const u8 *bytes, int n, const char *separator)
{
	for (int i = 0; i < n; i++) {
		if (i && *separator)
			put(o, *separator);
		put(o, "0123456789abcdef"[bytes[i] >> 4]);
		put(o, "0123456789abcdef"[bytes[i] & 15]);
	}
}

static void put_uuid(struct out *o, const u8 *u, bool little)
{
	static const u8 le[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (int i = 0; i < 16; i++) {
		put_bytes(o, &u[little ? le[i] : i], 1, "");
		if (i == 3 || i == 5 || i == 7 || i == 9)
			put(o, '-');
	}
}

static void put_ipv4(struct out *o, const u8 *ip)
{
	const struct spec plain = {.precision = -1};

	for (int i = 0; i < 4; i++) {
		if (i)
			put(o, '.');
		put_number(o, &plain, ip[i], false, 10, false);
	}
}

static void put_nested(struct out *o, const struct va_format *vaf)
{
	va_list copy;
	int n;

	va_copy(copy, *vaf->va);
	n = native_vsnprintf(o->pos < o->size ? o->buf + o->pos : NULL,
			     o->pos < o->size ? o->size - o->pos : 0, vaf->fmt, copy);
	va_end(copy);
	o->pos += n;
}

static void put_pointer(struct out *o, struct spec *s, const void *ptr, const char *ext)
{
	char name[128];

	switch (*ext) {
	case 'e':
		put_error(o, s, ptr);
		return;
	case 'S':
	case 's':
	case 'B':
		put_string(o, s, native_symbol((uint64_t)ptr, name, sizeof(name)));
		return;
	case 'V':
		put_nested(o, ptr);
		return;
	case 'h':
		put_bytes(o, ptr, clamp(s->width, 1, 64),
			  ext[1] == 'C'	  ? ":"
			  : ext[1] == 'D' ? "-"
			  : ext[1] == 'N' ? ""
					  : " ");
		return;
	case 'M':
		put_bytes(o, ptr, 6, ":");
		return;
	case 'm':
		put_bytes(o, ptr, 6, "");
		return;
	case 'U':
		put_uuid(o, ptr, ext[1] == 'l' || ext[1] == 'L');
		return;
	case 'I':
	case 'i':
		if (ext[1] == '4') {
			put_ipv4(o, ptr);
			return;
		}
		break;
	}
	s->zero = true;
	if (!s->width)
		s->width = 16;
	put_number(o, s, (unsigned long)ptr, false, 16, false);
}

/* ---- formats ---- */

static const char *parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '+')
			s->plus = true;
		else if (*f == ' ')
			s->space = true;
		else if (*f == '#')
			s->alt = true;
		else if (*f == '0')
			s->zero = true;
		else
			return f;
	}
}

static const char *parse_int(const char *f, int *value, va_list *args)
{
	if (*f == '*') {
		*value = va_arg(*args, int);
		return f + 1;
	}
	for (*value = 0; isdigit(*f); f++)
		*value = *value * 10 + (*f - '0');
	return f;
}

static const char *parse_spec(const char *f, struct spec *s, va_list *args)
{
	*s = (struct spec){.precision = -1};
	f = parse_flags(f, s);
	f = parse_int(f, &s->width, args);
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (*f == '.') {
		f = parse_int(f + 1, &s->precision, args);
		s->precision = max(s->precision, 0);
	}
	while (*f == 'h' || *f == 'l' || *f == 'L' || *f == 'z' || *f == 't' || *f == 'q') {
		s->length = *f == 'h' && s->length == 'h' ? 'H' : *f;
		f++;
	}
	return f;
}

static const char *convert(struct out *o, struct spec *s, const char *f, va_list *args)
{
	s64 value;
	char c;

	switch (*f) {
	case 'd':
	case 'i':
		value = fetch_signed(s, args);
		put_number(o, s, value < 0 ? 0 - (u64)value : (u64)value, value < 0, 10, false);
		return f + 1;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		s->plus = s->space = false;
		put_number(o, s, fetch_unsigned(s, args), false,
			   *f == 'u'   ? 10
			   : *f == 'o' ? 8
				       : 16,
			   *f == 'X');
		return f + 1;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(o, s, &c, 1);
		return f + 1;
	case 's':
		put_string(o, s, va_arg(*args, const char *));
		return f + 1;
	case 'p':
		put_pointer(o, s, va_arg(*args, const void *), f + 1);
		for (f++; isalnum(*f); f++)
			;
		return f;
	case '%':
		put(o, '%');
		return f + 1;
	default: /* the kernel warns and stops here, as the arguments are not known any more */
		return f + strlen(f);
	}
}

NATIVE_API int native_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = {buf, size, 0};
	struct spec s;
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s, &args);
		fmt = convert(&o, &s, fmt, &args);
	}
	va_end(args);
	if (size)
		buf[o.pos < size ? o.pos : size - 1] = '\0';
	native_wrote(buf, o.pos < size ? o.pos + 1 : size);
	return (int)o.pos;
}

NATIVE_API int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = native_vsnprintf(buf, size, fmt, args);

	return n < (int)size ? n : size ? (int)size - 1 : 0;
}

NATIVE_API int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

NATIVE_API int native_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = native_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

NATIVE_API int native_sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = native_vsnprintf(buf, INT_MAX, fmt, args);
	va_end(args);
	return n;
}
