# La plaza y lo que publica cada mañana.
plaza-name = Todo en { $city }
plaza-mission-all = La plaza de { $city }: síguela y te enteras de todo. Difunde al momento todas las noticias y reuniones de los grupos de trabajo, y cada mañana una publicación dice qué hay ese día.
plaza-mission-urgent = La plaza de { $city }: síguela y te enteras de todo. Difunde al momento las noticias urgentes de los grupos de trabajo, y cada mañana una publicación dice qué hay ese día y qué hubo de nuevo el día anterior.
plaza-mission-digest = La plaza de { $city }: síguela y te enteras de todo. Cada mañana una publicación dice qué hay ese día en los grupos de trabajo y qué hubo de nuevo el día anterior.
plaza-follow = Síguelo todo
plaza-urgent = Lo que no puede esperar
plaza-next-none = Todavía no hay nada previsto.
plaza-digests = Cada mañana
plaza-digests-none = Todavía no se ha publicado nada: hay una publicación cada mañana en que haya algo que decir.
plaza-digest-title = { $city }, { $date }
plaza-digest-meetings = Hoy
plaza-digest-news = Noticias
plaza-digest-more = y { $count } más
plaza-digest-online = en línea
plaza-digest-urgent = URGENTE: { $title }
