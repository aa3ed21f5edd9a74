/* SPDX-License-Identifier: GPL-2.0-only */
/* Kinds of characters, for ASCII. */
#ifndef KFAIL_LINUX_CTYPE_H
#define KFAIL_LINUX_CTYPE_H

#ifdef KFAIL_LIBRARY
#include <ctype.h>
#else

static inline int isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline int isupper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline int islower(int c)
{
	return c >= 'a' && c <= 'z';
}

static inline int isalpha(int c)
{
	return isupper(c) || islower(c);
}

static inline int isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}

static inline int isxdigit(int c)
{
	return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline int isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int isprint(int c)
{
	return c >= ' ' && c <= '~';
}

static inline int isgraph(int c)
{
	return c > ' ' && c <= '~';
}

static inline int ispunct(int c)
{
	return isgraph(c) && !isalnum(c);
}

static inline int iscntrl(int c)
{
	return (c >= 0 && c < ' ') || c == 127;
}

static inline char native_toupper(char c)
{
	return islower(c) ? (char)(c - 'a' + 'A') : c;
}

static inline char native_tolower(char c)
{
	return isupper(c) ? (char)(c - 'A' + 'a') : c;
}

#define toupper(c) native_toupper(c)
#define tolower(c) native_tolower(c)

#endif
#endif
