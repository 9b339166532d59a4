// Its presence lets the package declare a function that has no body here.
