/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Variables that give back what they hold when they go out of scope. DEFINE_FREE(name, type, statement) says how
 * to free `_T`, a value of that type; `__free(name)` marks a variable; no_free_ptr() and return_ptr() take the
 * value out of it. DEFINE_CLASS() and CLASS() are the same with a constructor; DEFINE_GUARD(), guard() and
 * scoped_guard() are that for locks.
 */
#ifndef KFAIL_LINUX_CLEANUP_H
#define KFAIL_LINUX_CLEANUP_H

#include "compiler.h"

#define DEFINE_FREE(_name, _type, _free)               \
	static inline void __free_##_name(void *__var) \
	{                                              \
		_type _T = *(_type *)__var;            \
		_free;                                 \
	}
#define __free(_name) __cleanup(__free_##_name)

#define no_free_ptr(p)                     \
	({                                 \
		__auto_type __taken = (p); \
		(p) = NULL;                \
		__taken;                   \
	})
#define return_ptr(p) return no_free_ptr(p)

#define DEFINE_CLASS(_name, _type, _exit, _init, _init_args...)     \
	typedef _type class_##_name##_t;                            \
	static inline void class_##_name##_destructor(_type *__var) \
	{                                                           \
		_type _T = *__var;                                  \
		_exit;                                              \
	}                                                           \
	static inline _type class_##_name##_constructor(_init_args) \
	{                                                           \
		_type __made = _init;                               \
		return __made;                                      \
	}
#define EXTEND_CLASS(_name, ext, _init, _init_args...)                               \
	typedef class_##_name##_t class_##_name##ext##_t;                            \
	static inline void class_##_name##ext##_destructor(class_##_name##_t *__var) \
	{                                                                            \
		class_##_name##_destructor(__var);                                   \
	}                                                                            \
	static inline class_##_name##_t class_##_name##ext##_constructor(_init_args) \
	{                                                                            \
		class_##_name##_t __made = _init;                                    \
		return __made;                                                       \
	}
#define CLASS(_name, var) \
	class_##_name##_t var __cleanup(class_##_name##_destructor) = class_##_name##_constructor

#define DEFINE_GUARD(_name, _type, _lock, _unlock) \
	DEFINE_CLASS(_name, _type, _unlock, ({     \
			     _lock;                \
			     _T;                   \
		     }),                           \
		     _type _T)
#define guard(_name) CLASS(_name, __UNIQUE_ID(guard))
#define scoped_guard(_name, args...) \
	for (CLASS(_name, scope)(args), *__done = NULL; !__done; __done = (void *)1)

#endif
