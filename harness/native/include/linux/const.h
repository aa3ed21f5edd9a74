/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_LINUX_CONST_H
#define KFAIL_LINUX_CONST_H

#define _AC(X, Y)  __AC(X, Y)
#define __AC(X, Y) (X##Y)
#define _UL(x)	   _AC(x, UL)
#define _ULL(x)	   _AC(x, ULL)
#define UL(x)	   _UL(x)
#define ULL(x)	   _ULL(x)
#define _BITUL(x)  (_UL(1) << (x))

#endif
